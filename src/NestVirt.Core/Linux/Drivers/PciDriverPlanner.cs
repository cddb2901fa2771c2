using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.Initramfs;
using NestVirt.Linux.Iommu;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Drivers;

/// <summary>Plans the driver of a PCI function: vfio-pci for a guest, or the host's own again.</summary>
internal static class PciDriverPlanner
{
    /// <summary>Gets the probes whose answers are read.</summary>
    public static IReadOnlyList<HostProbe> Probes { get; } = [.. PciDriverState.Probes, HostIdentityProbe.Probe];

    /// <summary>Plans what a request asks for.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">The function and its driver.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The changes that are missing.</returns>
    /// <exception cref="ChangeRefusedException">The host needs the function, or cannot give it that driver.</exception>
    public static ChangePlan Plan(HostTarget target, PciDriverRequest request, ProbeAnswers answers)
    {
        request.RequireFaultless();
        PciDriverState state = PciDriverState.Read(answers, target);
        PciDevice device = PciDriverRules.Find(state, request.Address);
        string? driver = PciDriverRules.Driver(state, request.Driver);
        PciDevice[] devices = [device, .. request.WholeGroup ? Others(state, device, driver) : []];
        Finding[] refusals =
        [
            .. devices.SelectMany(each => PciDriverSafety.Refusals(state, each, driver, request.Force)),
            .. PciDriverLoadRules.Refusals(state, driver, request.IsTemporary),
        ];
        if (refusals.Length > 0)
        {
            throw new ChangeRefusedException(refusals);
        }

        IReadOnlyList<HostChange> files = request.IsTemporary ? [] : PciDriverPersistence.Plan(state, devices, driver);
        InitramfsPlan initramfs = InitramfsPlan.ForFiles(state.Boot, files);
        return new ChangePlan(
            target,
            request,
            HostIdentityProbe.Read(answers),
            [.. files, .. initramfs.Changes, .. devices.Select(each => Bind(state, each, driver)).OfType<HostChange>()]
        )
        {
            Findings = [.. PciDriverFindings.All(state, devices, driver, request, files), .. initramfs.Findings],
        };
    }

    // Bridges stay as they are: VFIO leaves them out, and the host reaches the devices below through them. So does the
    // physical function of a virtual one, which would go with its driver.
    private static IEnumerable<PciDevice> Others(PciDriverState state, PciDevice device, string? driver)
    {
        if (state.GroupOf(device) is not { } group)
        {
            return [];
        }

        PciDevice[] members = [.. state.MembersOf(group)];
        HashSet<string> kept = [.. PhysicalFunctions.Beside(members).Select(static physical => physical.Address)];
        return members.Where(other =>
            other.Address != device.Address
            && !other.IsBridge
            && !kept.Contains(other.Address)
            && !(PciDriverRules.IsVfio(driver) && PciDriverRules.IsVfio(other))
        );
    }

    private static HostChange? Bind(PciDriverState state, PciDevice device, string? driver)
    {
        bool isRebound = PciDriverRules.IsRebound(device, driver);
        return isRebound || PciDriverRules.IsOverridden(device, driver)
            ? DriverAction.Plan(
                device.Address,
                device.Driver,
                device.DriverOverride,
                driver,
                isRebound,
                isRebound ? PciDriverSafety.Interrupted(state, device) : null
            )
            : null;
    }
}
