using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Linux.DomainXml;
using NestVirt.Linux.Drivers;
using NestVirt.Linux.GuestPci;
using NestVirt.Linux.Guests;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.GuestDevices;

/// <summary>Says what speaks against giving a guest devices: what would keep it from starting, and what the host would lose then.</summary>
internal static class GuestDeviceSafety
{
    // What the host needs, and what no host gives.
    private static readonly HashSet<string> s_final =
    [
        FindingCodes.UsedByHost,
        FindingCodes.RootUnknown,
        FindingCodes.IsBridge,
        FindingCodes.DeviceLost,
        FindingCodes.GroupOpenedTwice,
        FindingCodes.VmDeviceNotVirtual,
    ];

    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes => PciDriverUse.UseProbes;

    /// <summary>Reads who uses the devices of a host.</summary>
    /// <param name="answers">The answers of the host.</param>
    /// <param name="target">The host.</param>
    /// <returns>What they say.</returns>
    internal static PciDriverUse Read(ProbeAnswers answers, HostTarget target) => PciDriverUse.ReadUse(answers, target);

    /// <summary>Refuses what cannot be, or needs a word of the user's.</summary>
    /// <param name="site">The guest and its host.</param>
    /// <param name="edit">What the definition gets.</param>
    /// <param name="added">The devices.</param>
    /// <returns>What remains to be known.</returns>
    /// <exception cref="ChangeRefusedException">Something speaks against it.</exception>
    internal static IEnumerable<Finding> Require(
        GuestDeviceSite site,
        GuestDeviceEdit edit,
        IReadOnlyList<GuestDevice> added
    )
    {
        LibvirtGuest next = site.Guest with { Saved = Parse(edit.Apply(site.Document)) };
        OwnedDevice[] own = [.. OwnedDevice.Of(next, site.Host)];
        DeviceOwners owners = new([.. own, .. site.Others.SelectMany(guest => OwnedDevice.Of(guest, site.Host))]);
        Finding[] found =
        [
            .. own.Where(owned => added.Any(device => device.Address == owned.Address))
                .SelectMany(owned => Of(site, owned, owners))
                .Distinct(),
        ];
        Finding[] refusals =
        [
            .. found.Where(finding =>
                finding.Severity == Severity.Error && (!site.Request.Force || s_final.Contains(finding.Code))
            ),
        ];
        return refusals.Length > 0
            ? throw new ChangeRefusedException(refusals)
            :
            [
                .. found.Select(static finding =>
                    finding.Severity == Severity.Error ? finding with { Severity = Severity.Warning } : finding
                ),
                .. site.Saved.Devices.Any(static device => device.IsWhole)
                    ? Array.Empty<Finding>()
                    : [GuestDeviceFindings.MemoryPinned],
            ];
    }

    private static IEnumerable<Finding> Of(GuestDeviceSite site, OwnedDevice owned, DeviceOwners owners)
    {
        if (site.Host.Find(owned.Address) is not { } device)
        {
            return [];
        }

        bool isHeldByHost =
            owned.IsTakenFromHost
            && device.Driver is not null
            && !PciDriverRules.IsVfio(device)
            && !PciDriverRules.IsForGuests(device.Driver);
        Finding[] needed = [.. isHeldByHost ? PciDriverSafety.Needed(site.Use, device, site.Request.Force) : []];
        Finding[] verdicts =
        [
            .. DeviceVerdicts
                .Of(owned, device, owners, site.Host)
                .Where(finding =>
                    finding.Code != FindingCodes.VmRestartPending
                    && !needed.Any(refusal => refusal.Code == finding.Code)
                ),
        ];
        bool isHeldByGuest = verdicts.Any(static finding => finding.Code == FindingCodes.VmDeviceShared);
        return needed
            .Concat(verdicts.Select(finding => Overridable(site.Request, finding)))
            .Concat(
                owned.IsWaiting && !isHeldByGuest
                    ? PciDriverSafety.InGuest(site.Use, device).Select(finding => Overridable(site.Request, finding))
                    : []
            );
    }

    // What is left of a group may come along, where the host can do without it.
    private static Finding Overridable(VmPciDeviceRequest request, Finding finding) =>
        finding.Severity != Severity.Error || s_final.Contains(finding.Code) ? finding
        : finding is { Code: FindingCodes.GroupNotViable, Mend: not null } && !request.WholeGroup
            ? finding with
            {
                Remedy = Advice.Of($"Give it the whole group: repeat with {ChangeSwitch.WholeGroup}."),
                Mend = null,
                RepeatWith = ChangeSwitch.WholeGroup,
            }
        : finding with { RepeatWith = ChangeSwitch.Force };

    private static DomainDefinition Parse(DomainDocument? document)
    {
        try
        {
            return document is null
                ? throw new ChangeRefusedException(
                    GuestChangeFindings.Unread("its elements do not have lines for themselves, as libvirt writes them")
                )
                : DomainDefinition.Parse(document.Text);
        }
        catch (FormatException error)
        {
            throw new ChangeRefusedException(GuestChangeFindings.Unread(error.Message));
        }
    }
}
