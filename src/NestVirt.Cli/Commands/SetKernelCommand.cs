using System.CommandLine;
using NestVirt.Changes;
using NestVirt.Cli.Hosting;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt set kernel</c>: words of the kernel's command line.</summary>
internal sealed class SetKernelCommand()
    : ChangeCommand("kernel", "Sets words on the kernel's command line for the next boot.")
{
    private readonly Option<string[]> _set = new("--set")
    {
        Description = "A word to have, such as iommu=pt. May be given again.",
        HelpName = "WORD",
    };

    private readonly Option<string[]> _remove = new("--remove")
    {
        Description = "A word to take away, or a name with whatever value. May be given again.",
        HelpName = "WORD",
    };

    /// <inheritdoc/>
    protected override IEnumerable<Option> Options => [_set, _remove];

    /// <inheritdoc/>
    protected override ChangeRequest RequestOf(ParseResult line, List<string> words)
    {
        string[] set = line.GetValue(_set) ?? [];
        string[] remove = line.GetValue(_remove) ?? [];
        return set.Length + remove.Length == 0
            ? throw new UsageException(
                "No kernel parameter is named.",
                "Type for example: nestvirt set kernel --set iommu=pt --remove amd_iommu"
            )
            : new KernelParameterRequest(set, remove);
    }
}
