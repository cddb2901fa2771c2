using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Linux.DeviceUse;
using NestVirt.Linux.DomainXml;
using NestVirt.Linux.Drivers;
using NestVirt.Linux.GuestPci;
using NestVirt.Linux.Guests;
using NestVirt.Linux.Iommu;
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
        LibvirtGuest next = NextOf(site, edit);
        OwnedDevice[] own = [.. OwnedDevice.Of(next, site.Host)];
        DeviceOwners owners = new([.. own, .. site.Others.SelectMany(guest => OwnedDevice.Of(guest, site.Host))]);
        Finding[] found =
        [
            .. own.Where(owned => added.Any(device => device.Address == owned.Address))
                .SelectMany(owned => Of(site, owned, own, owners))
                .Distinct(),
        ];
        return
        [
            .. Allowed(site.Request, found),
            .. site.Saved.Devices.Any(static device => device.IsWhole)
                ? Array.Empty<Finding>()
                : [GuestDeviceFindings.MemoryPinned],
        ];
    }

    /// <summary>Refuses what would be worse for the devices that a guest keeps: it is judged while it is off, as its next start finds the host.</summary>
    /// <param name="site">The guest and its host.</param>
    /// <param name="edit">What its definition loses.</param>
    /// <returns>What remains to be known.</returns>
    /// <exception cref="ChangeRefusedException">It would not start, or not see a device that it keeps.</exception>
    internal static IEnumerable<Finding> RequireRest(GuestDeviceSite site, GuestDeviceEdit edit)
    {
        LibvirtGuest next = NextOf(site, edit);
        if (site.Guest.IsActive)
        {
            return Allowed(site.Request, [.. GuestDeviceFindings.Unseen(site.Saved, next.Saved!)]);
        }

        HashSet<(string?, string)> before =
        [
            .. ErrorsOf(site, site.Guest).Select(static one => (one.Address, one.Finding.Code)),
        ];
        return Allowed(
            site.Request,
            [
                .. ErrorsOf(site, next)
                    .Where(one => !before.Contains((one.Address, one.Finding.Code)))
                    .Select(one =>
                        one.Finding with
                        {
                            RepeatWith =
                                one.Finding.Code == FindingCodes.GroupNotViable && !site.Request.WholeGroup
                                    ? ChangeSwitch.WholeGroup
                                    : ChangeSwitch.Force,
                        }
                    )
                    .Concat(GuestDeviceFindings.Unseen(site.Saved, next.Saved!)),
            ]
        );
    }

    private static IEnumerable<(string? Address, Finding Finding)> ErrorsOf(GuestDeviceSite site, LibvirtGuest guest)
    {
        OwnedDevice[] own = [.. OwnedDevice.Of(guest, site.Host)];
        DeviceOwners owners = new([.. own, .. site.Others.SelectMany(other => OwnedDevice.Of(other, site.Host))]);
        return own.SelectMany(owned =>
            DeviceVerdicts
                .Of(owned, site.Host.Find(owned.Address), owners, site.Host)
                .Where(static finding => finding.Severity == Severity.Error)
                .Select(finding => (owned.Address?.ToString(), finding))
        );
    }

    // What a switch lets through is said all the same.
    private static IEnumerable<Finding> Allowed(VmPciDeviceRequest request, IReadOnlyList<Finding> found)
    {
        Finding[] refusals =
        [
            .. found.Where(finding =>
                finding.Severity == Severity.Error && (finding.RepeatWith is null || !request.Force)
            ),
        ];
        return refusals.Length > 0
            ? throw new ChangeRefusedException(refusals)
            : found.Select(static finding =>
                finding.Severity == Severity.Error
                    ? finding with
                    {
                        Severity = Severity.Warning,
                        RepeatWith = null,
                    }
                    : finding
            );
    }

    private static IEnumerable<Finding> Of(
        GuestDeviceSite site,
        OwnedDevice owned,
        IReadOnlyList<OwnedDevice> own,
        DeviceOwners owners
    )
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

        // They have heard already what may be interrupted.
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
        PciDevice[] members = site.Host.GroupOf(device)?.Members ?? [];
        bool isHeldByGuests =
            verdicts.Any(static finding => finding is { Code: FindingCodes.VmDeviceShared, Severity: Severity.Error })
            || own.Any(other =>
                other.IsAttached == true && members.Any(member => member.Address == other.Address?.ToString())
            );
        return needed
            .Concat(verdicts.Select(finding => Overridable(site, device, isHeldByHost, finding)))
            .Concat(
                owned.IsWaiting && !isHeldByGuests
                    ? PciDriverSafety
                        .InGuest(site.Use, device)
                        .Select(finding => Overridable(site, device, isHeldByHost, finding))
                    : []
            );
    }

    private static Finding Overridable(GuestDeviceSite site, PciDevice device, bool isHeldByHost, Finding finding)
    {
        if (finding.Code == FindingCodes.IsBridge)
        {
            return finding with { Remedy = "Name the function behind it." };
        }

        // What others run with and goes with the host's driver is lost to them at once.
        bool isLostToOthers =
            isHeldByHost && finding.Code is FindingCodes.VmDeviceShared or FindingCodes.HasVirtualFunctions;
        if (finding.Severity != Severity.Error || s_final.Contains(finding.Code) || isLostToOthers)
        {
            return finding;
        }

        return finding.Code switch
        {
            FindingCodes.GroupNotViable when !site.Request.WholeGroup && CanComeAlong(site, device) => finding with
            {
                Remedy = Advice.Of($"Give it the whole group: repeat with {ChangeSwitch.WholeGroup}."),
                Mend = null,
                RepeatWith = ChangeSwitch.WholeGroup,
            },
            FindingCodes.VgpuLost => finding with
            {
                Remedy = Advice.Of($"Leave its driver as it is: repeat with {ChangeSwitch.Unmanaged}."),
                RepeatWith = ChangeSwitch.Unmanaged,
            },
            FindingCodes.VmDeviceMissing when site.Request.Unmanaged => finding with
            {
                Remedy = Advice.Of(
                    $"Bind {device.Address} to vfio-pci first; or leave {ChangeSwitch.Unmanaged} out, and libvirt does."
                ),
                RepeatWith = ChangeSwitch.Force,
            },
            _ => finding with { RepeatWith = ChangeSwitch.Force },
        };
    }

    // What is left of a group may come along, where the host can do without it.
    private static bool CanComeAlong(GuestDeviceSite site, PciDevice device)
    {
        if (site.Host.GroupOf(device) is not { } group)
        {
            return false;
        }

        HashSet<string> kept = [.. PhysicalFunctions.Beside(group.Members).Select(static physical => physical.Address)];
        return group.Group.Members.All(static member => member.IsPci || DmaDrivers.IsHarmless(member.Driver))
            && group
                .Members.Where(member => member.Address != device.Address && !DmaDrivers.IsHarmless(member))
                .All(member => !member.IsBridge && !member.HasHostUse && !kept.Contains(member.Address));
    }

    // One whose present devices are not known runs without those that come.
    private static LibvirtGuest NextOf(GuestDeviceSite site, GuestDeviceEdit edit) =>
        site.Guest with
        {
            Saved = Parse(edit.Apply(site.Document)),
            Running = site.Guest.IsActive ? site.Guest.Running ?? new DomainDefinition() : null,
        };

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
