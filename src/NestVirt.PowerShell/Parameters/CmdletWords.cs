using System.Buffers;
using NestVirt.Changes;
using NestVirt.Guidance;

namespace NestVirt.PowerShell.Parameters;

/// <summary>What the module calls that which advice names by type.</summary>
internal sealed class CmdletWords : IFrontEndWords
{
    private const string HyperVPrefix = "wsman:";

    private static readonly SearchValues<char> s_plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=-"
    );

    /// <inheritdoc/>
    public string NameOf(ChangeSwitch allowed) =>
        allowed switch
        {
            ChangeSwitch.Force => "-Force",
            ChangeSwitch.StopGuests => "-StopGuest",
            ChangeSwitch.Restart => "-Restart",
            ChangeSwitch.ReplaceConflict => "-ReplaceConflict",
            ChangeSwitch.WholeGroup => "-WholeGroup",
            ChangeSwitch.HostDriver => "-HostDriver",
            ChangeSwitch.Temporary => "-Temporary",
            ChangeSwitch.WritePlan => "Export-NestPlan",
            ChangeSwitch.StaticMemory => "-StaticMemory",
            ChangeSwitch.WindowsHypervisor => "-WindowsHypervisor",
            ChangeSwitch.Unmanaged => "-Unmanaged",
            ChangeSwitch.Multifunction => "-Multifunction",
            ChangeSwitch.NoRom => "-NoRom",
            _ => throw new ArgumentOutOfRangeException(nameof(allowed)),
        };

    /// <inheritdoc/>
    public string NameOf(HostSetting setting) =>
        setting switch
        {
            HostSetting.KeyFile => "-KeyFilePath",
            HostSetting.Port => "-Port",
            HostSetting.SshOption => "-Options",
            HostSetting.TrustInventory => "-TrustInventory",
            HostSetting.ConnectTimeout => "-ConnectingTimeout",
            HostSetting.CommandTimeout => "-CommandTimeout",
            HostSetting.Throttle => "-ThrottleLimit",
            HostSetting.SshClient => "-SshClient",
            HostSetting.Credential => "-Credential",
            HostSetting.KeyPassphrase => "-KeyPassphrase",
            HostSetting.SudoPassword => "-SudoPassword",
            HostSetting.UseSsl => "-UseSSL",
            HostSetting.Authentication => "-Authentication",
            HostSetting.CertificateThumbprint => "-CertificateThumbprint",
            HostSetting.AuthorityFile => "-AuthorityFilePath",
            HostSetting.CimClient => "-CimClient",
            _ => throw new ArgumentOutOfRangeException(nameof(setting)),
        };

    /// <inheritdoc/>
    public string NameOf(OwnCommand command) =>
        command switch
        {
            OwnCommand.Support => "Get-NestedSupport",
            OwnCommand.EnableNesting => "Enable-NestedVirtualization",
            OwnCommand.DisableNesting => "Disable-NestedVirtualization",
            OwnCommand.EnableIommu => "Enable-Iommu",
            OwnCommand.DisableIommu => "Disable-Iommu",
            OwnCommand.SetModule => "Set-KvmModuleParameter",
            OwnCommand.SetKernel => "Set-NestKernelParameter",
            OwnCommand.SetDriver => "Set-NestPciDriver",
            OwnCommand.SetHugePages => "Set-NestHugePage",
            OwnCommand.ListPciDevices => "Get-NestPciDevice",
            OwnCommand.History => "Get-NestChange",
            OwnCommand.Undo => "Undo-NestChange",
            OwnCommand.Snapshot => "Export-NestSnapshot",
            OwnCommand.SetSriov => "Set-SriovVirtualFunction",
            OwnCommand.SetCpu => "Set-VmNestedCpu",
            OwnCommand.AddVmPci => "Add-VmPciDevice",
            OwnCommand.RemoveVmPci => "Remove-VmPciDevice",
            OwnCommand.TuneVm => "Optimize-VmNestedPerformance",
            _ => throw new ArgumentOutOfRangeException(nameof(command)),
        };

    /// <inheritdoc/>
    public string? Write(CommandCall command) =>
        string.Join(
            ' ',
            [
                NameOf(command.Command),
                .. Parameters(command.Arguments.Where(static argument => argument.Name == CommandArgument.ChangeId)),
                .. command.Host is { } host ? [HostParameter(host)] : Array.Empty<string>(),
                .. Parameters(command.Arguments.Where(static argument => argument.Name != CommandArgument.ChangeId)),
                .. command.Switches.Select(NameOf),
            ]
        );

    private static string HostParameter(string host) =>
        host.StartsWith(HyperVPrefix, StringComparison.Ordinal)
            ? $"-ComputerName {Quoted(host[HyperVPrefix.Length..])}"
            : $"-HostName {Quoted(host)}";

    private static IEnumerable<string> Parameters(IEnumerable<(CommandArgument Name, string Value)> arguments) =>
        arguments
            .GroupBy(static argument => argument.Name, static argument => argument.Value)
            .Select(static group =>
                group.Key switch
                {
                    CommandArgument.ChangeId => $"-Id {group.First()}",
                    CommandArgument.Module => $"-Module {Quoted(group.First())}",
                    CommandArgument.Parameter => $"-Parameter @{{ {string.Join("; ", group.Select(Entry))} }}",
                    CommandArgument.KernelWord => $"-Set {string.Join(", ", group.Select(Quoted))}",
                    CommandArgument.RemovedKernelWord => $"-Remove {string.Join(", ", group.Select(Quoted))}",
                    CommandArgument.Address => $"-Address {Quoted(group.First())}",
                    CommandArgument.Driver => $"-Driver {Quoted(group.First())}",
                    CommandArgument.PageSizeKiB => $"-Size {group.First()}KB",
                    CommandArgument.PageCount or CommandArgument.FunctionCount => $"-Count {group.First()}",
                    CommandArgument.BindDrivers => $"-BindDriver {Switch(group.First())}",
                    CommandArgument.Function => $"-Index {group.First()}",
                    CommandArgument.FunctionSetting => string.Join(' ', group.Select(Setting)),
                    CommandArgument.Passthrough => $"-Passthrough {Switch(group.First())}",
                    CommandArgument.Node => $"-Node {group.First()}",
                    CommandArgument.VmName => $"-VMName {string.Join(", ", group.Select(Quoted))}",
                    CommandArgument.Expose => $"-ExposeVirtualizationExtensions {Switch(group.First())}",
                    CommandArgument.CpuCount => $"-Count {group.First()}",
                    CommandArgument.ThreadsPerCore => $"-HwThreadsPerCore {group.First()}",
                    CommandArgument.MacSpoofing => $"-MacAddressSpoofing {Switch(group.First())}",
                    CommandArgument.IovWeight => $"-IovWeight {group.First()}",
                    CommandArgument.VbsOptOut => $"-VbsOptOut {Switch(group.First())}",
                    CommandArgument.CpuMode => $"-Mode {ModeOf(group.First())}",
                    CommandArgument.CpuModel => $"-Model {Quoted(group.First())}",
                    CommandArgument.CpuFeature => $"-Feature @{{ {string.Join("; ", group.Select(Entry))} }}",
                    CommandArgument.CpuTopology =>
                        $"-Topology @{{ {string.Join("; ", group.First().Split(',').Select(Count))} }}",
                    CommandArgument.Migratable => $"-Migratable {Switch(group.First())}",
                    CommandArgument.Device => $"-Device {string.Join(", ", group.Select(Quoted))}",
                    CommandArgument.LowMmioMebibytes => $"-LowMemoryMappedIoSpace {group.First()}MB",
                    CommandArgument.HighMmioMebibytes => $"-HighMemoryMappedIoSpace {group.First()}MB",
                    CommandArgument.MacAddress => $"-MacAddress {Quoted(group.First())}",
                    CommandArgument.VlanId => $"-VlanId {group.First()}",
                    CommandArgument.GuestAddress => $"-GuestAddress {Quoted(group.First())}",
                    CommandArgument.RomFile => $"-RomFile {Quoted(group.First())}",
                    CommandArgument.Tuning => $"-Tuning {string.Join(", ", group.Select(NameOf<VmTuning>))}",
                    CommandArgument.SiblingUse => $"-SiblingUse {NameOf<VmSiblingUse>(group.First())}",
                    CommandArgument.IOThreadCount => $"-IOThreadCount {group.First()}",
                    CommandArgument.VmPageSizeKiB => $"-PageSize {group.First()}KB",
                    _ => throw new ArgumentOutOfRangeException(nameof(arguments)),
                }
            );

    private static string Switch(string value) => value is "yes" or "on" ? "$true" : "$false";

    private static string Setting(string assignment)
    {
        string[] parts = assignment.Split('=', 2);
        return parts[0] switch
        {
            "mac" => $"-MacAddress {Quoted(parts[1])}",
            "vlan" => $"-Vlan {Quoted(parts[1])}",
            "qos" => $"-Qos {Quoted(parts[1])}",
            "trust" => $"-Trust {Switch(parts[1])}",
            "spoofchk" => $"-SpoofCheck {Switch(parts[1])}",
            "state" => $"-LinkState {Quoted(parts[1])}",
            _ => throw new ArgumentOutOfRangeException(nameof(assignment)),
        };
    }

    // As PowerShell's Tab writes it.
    private static string NameOf<T>(string word)
        where T : struct, Enum => Enum.Parse<T>(word, ignoreCase: true).ToString();

    // The names of an enumeration have no hyphens.
    private static string ModeOf(string word) =>
        string.Concat(word.Split('-').Select(static part => $"{char.ToUpperInvariant(part[0])}{part[1..]}"));

    private static string Count(string assignment) => assignment.Replace("=", " = ", StringComparison.Ordinal);

    private static string Entry(string assignment)
    {
        string[] parts = assignment.Split('=', 2);
        return $"{Quoted(parts[0])} = {Literal(parts[1])}";
    }

    private static string Quoted(string word) =>
        word.Length > 0 && word[0] != '-' && !word.AsSpan().ContainsAnyExcept(s_plain) ? word : Literal(word);

    // about_Quoting_Rules: typographic quotes end a text as the plain one does.
    private static string Literal(string text) =>
        $"'{string.Concat(text.Select(static c => c is '\'' or '\u2018' or '\u2019' or '\u201A' or '\u201B' ? $"{c}{c}" : c.ToString()))}'";
}
