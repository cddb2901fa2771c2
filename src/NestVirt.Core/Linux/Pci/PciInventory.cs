using NestVirt.Hosts;
using NestVirt.Linux.DeviceUse;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Linux.Pci;

/// <summary>Puts together what a host's sysfs, config spaces and id list say about its PCI functions.</summary>
/// <remarks>
/// Where sysfs and the config space both count virtual functions, sysfs is right: it is what the kernel and the driver
/// allow. A function whose SR-IOV capability the kernel offers no files for is still listed with what its capability
/// says.
/// </remarks>
internal static class PciInventory
{
    /// <summary>Gets the probes whose answers are read.</summary>
    public static IReadOnlyList<HostProbe> Probes { get; } =
    [PciProbe.Probe, PciNameProbe.Probe, PciConfigProbe.Probe, .. HostUses.Probes];

    private static readonly ProbeReading<IReadOnlyList<PciDevice>> s_devices = new(Probes, ReadDevices);

    /// <summary>Says why the functions of a host are not known.</summary>
    /// <param name="answers">The host's answers to <see cref="Probes"/>.</param>
    /// <returns>
    /// A clause without a full stop, or null when they are known. A host without PCI is known to have none.
    /// </returns>
    /// <exception cref="ProbeFormatException">An answer cannot be read.</exception>
    public static string? UnavailableReason(ProbeAnswers answers)
    {
        ProbeAnswer answer = answers[PciProbe.Probe];
        return answer.UnavailableReason ?? answers.Read(PciProbe.Reading).UnavailableReason;
    }

    /// <summary>Reads the functions of a host.</summary>
    /// <param name="answers">The host's answers to <see cref="Probes"/>.</param>
    /// <param name="target">The host.</param>
    /// <returns>
    /// The functions, ordered by address; none where they are not known (see <see cref="UnavailableReason"/>).
    /// </returns>
    /// <exception cref="ProbeFormatException">An answer cannot be read.</exception>
    public static IReadOnlyList<PciDevice> Read(ProbeAnswers answers, HostTarget target) =>
        [.. answers.Read(s_devices).Select(device => device with { Target = target })];

    /// <summary>Reads the functions of a host that is to have an answer.</summary>
    /// <param name="answers">The host's answers to <see cref="Probes"/>.</param>
    /// <param name="target">The host.</param>
    /// <returns>The functions, ordered by address.</returns>
    /// <exception cref="NestVirtException">They are not known.</exception>
    public static IReadOnlyList<PciDevice> Require(ProbeAnswers answers, HostTarget target) =>
        UnavailableReason(answers) is { } reason
            ? throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                $"The PCI functions of the host are not known: {reason}."
            )
            : Read(answers, target);

    private static IReadOnlyList<PciDevice> ReadDevices(ProbeAnswers answers)
    {
        IReadOnlyList<PciDevice> functions = answers.Read(PciProbe.Reading).Devices;
        PciNames names = answers.Read(PciNameProbe.Reading);
        PciConfigListing configs = ReadConfigs(answers[PciConfigProbe.Probe]);
        HashSet<PciAddress> sharedSlots = SharedSlots(functions);
        ILookup<string, string> virtualFunctions = functions
            .Where(static device => device.PhysicalFunction is not null)
            .ToLookup(
                static device => device.PhysicalFunction!,
                static device => device.Address,
                StringComparer.Ordinal
            );
        PciDevice[] devices =
        [
            .. functions.Select(device =>
                Complete(device, configs, sharedSlots, [.. virtualFunctions[device.Address]]) with
                {
                    Vendor = names.Vendor(device.VendorId),
                    Device = names.Device(device.VendorId, device.DeviceId),
                    Class = names.Class(device.ClassCode),
                }
            ),
        ];
        return HostUses.Annotate(devices, answers);
    }

    private static PciConfigListing ReadConfigs(ProbeAnswer answer) =>
        answer.UnavailableReason is { } reason
            ? new PciConfigListing(
                new Dictionary<PciAddress, PciConfigSpace>(),
                $"its config space was not read: {reason}"
            )
            : PciConfigProbe.Parse(answer.Text);

    private static PciDevice Complete(
        PciDevice device,
        PciConfigListing configs,
        HashSet<PciAddress> sharedSlots,
        string[] virtualFunctions
    )
    {
        PciAddress address = AddressOf(device.Address);
        PciConfigSpace? config = configs.Spaces.GetValueOrDefault(address);
        bool isVirtual = device.PhysicalFunction is not null;

        // A virtual function is of its physical function's kind (SR-IOV specification 1.1, 3.5).
        PciConfigSpace? kind = isVirtual
            ? configs.Spaces.GetValueOrDefault(AddressOf(device.PhysicalFunction!))
            : config;
        return device with
        {
            PortType = kind?.PortType,
            HeaderType = kind?.HeaderType,
            IsLost = !isVirtual && config?.IsLost == true,
            IsMultifunction = IsMultifunction(address, isVirtual, config, sharedSlots),
            Acs = config?.Acs,
            AcsUnknownReason =
                config?.Acs is not null ? null
                : isVirtual ? "it is a virtual function, whose config space is not read"
                : config?.UnknownReason ?? configs.UnknownReason ?? "its config space could not be read",
            HasAri = config?.HasAri,
            AriForwarding = config?.AriForwarding,
            Sriov = SriovOf(device, config, virtualFunctions),
        };
    }

    // The kernel takes virtual functions for single ones, and others by their header or because they are not the first.
    private static bool? IsMultifunction(
        PciAddress address,
        bool isVirtual,
        PciConfigSpace? config,
        HashSet<PciAddress> sharedSlots
    ) =>
        isVirtual ? false
        : address.Function > 0 || sharedSlots.Contains(address) ? true
        : config?.IsMultifunction;

    private static SriovState? SriovOf(PciDevice device, PciConfigSpace? config, string[] virtualFunctions)
    {
        PciSriovCapability? capability = config?.Sriov;
        SriovState? state =
            device.Sriov
            ?? (
                capability is null
                    ? null
                    : new SriovState(capability.TotalCount, capability.IsEnabled ? capability.Count : 0)
            )
            ?? (virtualFunctions.Length == 0 ? null : new SriovState(virtualFunctions.Length, virtualFunctions.Length));
        return state is null
            ? null
            : state with
            {
                Offset = state.Offset ?? capability?.Offset,
                Stride = state.Stride ?? capability?.Stride,
                VirtualDeviceId = state.VirtualDeviceId ?? capability?.VirtualDeviceId,
                VirtualFunctions = virtualFunctions,
            };
    }

    // The first functions of slots that have more than one; virtual functions fill slots of their own or of others.
    private static HashSet<PciAddress> SharedSlots(IReadOnlyList<PciDevice> functions) =>
        [
            .. functions
                .Where(static device => device.PhysicalFunction is null)
                .Select(static device => AddressOf(device.Address))
                .Where(static address => address.Function > 0)
                .Select(static address => address with { Function = 0 }),
        ];

    private static PciAddress AddressOf(string text) =>
        PciAddress.TryParse(text, out PciAddress address) ? address : default;
}
