using System.Globalization;
using NestVirt.Changes;
using NestVirt.Linux.Boot;
using NestVirt.Linux.Boot.Loaders;
using NestVirt.Linux.Files;

namespace NestVirt.Linux.HugePages;

/// <summary>Has the kernel reserve gigantic pages by its command line, before anything else takes memory.</summary>
/// <remarks>
/// Documentation/admin-guide/mm/hugetlbpage.rst: hugepages= is the number for the hugepagesz= before it. Pages of 1 GiB
/// that are made later need as much memory in one piece, which a host that has run for a while lacks.
/// </remarks>
internal static class HugePageCommandLine
{
    private const long GiganticKiB = 1024 * 1024;

    /// <summary>Plans it.</summary>
    /// <param name="system">How the host boots.</param>
    /// <param name="host">What it shows of huge pages.</param>
    /// <param name="files">The files that set huge pages; lines of ours that the command line replaces are taken out.</param>
    /// <param name="request">What is asked for.</param>
    /// <returns>The edits; null where the pages are smaller, for one node, of the default size, or where the way of booting is unknown.</returns>
    /// <exception cref="ChangeRefusedException">Something that comes later would win.</exception>
    internal static HugePageBoot? Make(
        BootSystem system,
        HugePageHost host,
        SettingFiles files,
        HugePageRequest request
    )
    {
        if (
            request.SizeKiB < GiganticKiB
            || request.Node is not null
            || request.SizeKiB == host.DefaultSizeKiB
            || !IsKnown(system)
        )
        {
            return null;
        }

        string size = string.Create(CultureInfo.InvariantCulture, $"hugepagesz={request.SizeKiB >> 20}G");
        string count = string.Create(CultureInfo.InvariantCulture, $"hugepages={request.Count}");
        KernelParameterPlan line = KernelParameterPlan.Make(
            system,
            request.Count == 0 ? new KernelWordChange([], [size]) : new KernelWordChange([size, count], []),
            request.ReplaceConflict
        );
        HugePageBoot.DropOwn(host, files, request);
        return new HugePageBoot([.. files.Changes(), .. line.Changes], line.Findings);
    }

    private static bool IsKnown(BootSystem system)
    {
        try
        {
            BootDrivers.Find(system);
            return true;
        }
        catch (ChangeRefusedException)
        {
            return false;
        }
    }
}
