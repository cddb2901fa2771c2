namespace NestVirt.StandIn.Machine;

/// <summary>
/// What a host is, beside its virtual machines. The defaults are those of an Intel server with Windows Server 2022.
/// </summary>
public sealed class HostFacts
{
    /// <summary>Gets or sets the computer name.</summary>
    public string Name { get; set; } = "HV-HOST-1";

    /// <summary>
    /// Gets or sets the build of Windows: 14393 is 2016, 17763 is 2019, 20348 is 2022, 26100 is 2025.
    /// </summary>
    public int Build { get; set; } = 20348;

    /// <summary>Gets the version of Windows; builds before 10240 are those of 6.x.</summary>
    public string Version => Build < 10240 ? $"6.3.{Build}" : $"10.0.{Build}";

    /// <summary>Gets or sets the name of the product.</summary>
    public string Caption { get; set; } = "Microsoft Windows Server 2022 Standard";

    /// <summary>Gets or sets the kind of product: 1 client, 2 domain controller, 3 server.</summary>
    public uint ProductType { get; set; } = 3;

    /// <summary>Gets or sets the edition: 7 is Standard, 48 Professional.</summary>
    public uint Sku { get; set; } = 7;

    /// <summary>Gets or sets the language of captions and messages: en-US or ja-JP.</summary>
    public string Language { get; set; } = "en-US";

    /// <summary>Gets or sets the architecture as Win32_Processor has it: 9 is x64, 12 ARM64.</summary>
    public ushort Architecture { get; set; } = 9;

    /// <summary>Gets or sets the vendor of the CPU, as in <c>GenuineIntel</c>.</summary>
    public string CpuVendor { get; set; } = "GenuineIntel";

    /// <summary>Gets or sets the name of the CPU.</summary>
    public string CpuName { get; set; } = "Intel(R) Xeon(R) Gold 6338 CPU @ 2.00GHz";

    /// <summary>Gets or sets the cores of each socket.</summary>
    public uint Cores { get; set; } = 32;

    /// <summary>Gets or sets the sockets.</summary>
    public int Sockets { get; set; } = 2;

    /// <summary>Gets or sets whether a hypervisor runs; the firmware's flags read false while one does.</summary>
    public bool IsHypervisorPresent { get; set; } = true;

    /// <summary>Gets or sets whether the firmware gives virtualization; seen only while no hypervisor runs.</summary>
    public bool IsVirtualizationEnabledInFirmware { get; set; } = true;

    /// <summary>Gets or sets the state of the feature Hyper-V: 1 on, 2 off, 3 absent, 4 unknown.</summary>
    public uint HyperVInstallState { get; set; } = 1;

    /// <summary>
    /// Gets or sets whether the account is shown no row of the host itself, as one that may not see Hyper-V is: not recorded.
    /// </summary>
    public bool HidesItself { get; set; }

    /// <summary>Gets or sets the model of the machine.</summary>
    public string Model { get; set; } = "PowerEdge R750";

    /// <summary>Gets or sets the maker of the machine.</summary>
    public string Manufacturer { get; set; } = "Dell Inc.";

    /// <summary>Gets or sets the UUID of the firmware.</summary>
    public Guid ProductId { get; set; } = Guid.NewGuid();

    /// <summary>Gets or sets the memory, in kilobytes as Win32_OperatingSystem counts it.</summary>
    public ulong TotalMemoryKilobytes { get; set; } = 268_435_456;

    /// <summary>Gets or sets the memory that is free, in kilobytes.</summary>
    public ulong FreeMemoryKilobytes { get; set; } = 134_217_728;

    /// <summary>Gets or sets what DeviceGuard could use: 3 is DMA protection.</summary>
    public uint[] DeviceGuardAvailable { get; set; } = [1, 2, 3, 5, 7];

    /// <summary>Gets or sets whether virtualization-based security runs: 0 off, 1 on, 2 running.</summary>
    public uint VirtualizationBasedSecurity { get; set; }

    /// <summary>Gets or sets whether the host can give virtual functions to VMs.</summary>
    public bool IsIovSupported { get; set; } = true;

    /// <summary>Gets or sets why it cannot, in the words of Windows.</summary>
    public string[] IovReasons { get; set; } = [];

    /// <summary>Gets whether a VM that runs a hypervisor can start here.</summary>
    /// <remarks>
    /// Intel from Windows Server 2016 on, AMD from Windows Server 2022 and Windows 11 on (learn.microsoft.com, nested
    /// virtualization); on ARM64 VMs with the flag do not start (NanaBox #3).
    /// </remarks>
    public bool CanStartNested =>
        Architecture == 9 && Build >= (CpuVendor == "AuthenticAMD" ? (ProductType == 1 ? 22000 : 20348) : 14393);
}
