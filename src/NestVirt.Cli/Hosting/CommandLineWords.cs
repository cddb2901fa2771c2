using System.Buffers;
using NestVirt.Guidance;
using NestVirt.Text;

namespace NestVirt.Cli.Hosting;

/// <summary>What the command line calls that which advice names by type.</summary>
internal sealed class CommandLineWords : IFrontEndWords
{
    private static readonly SearchValues<char> s_plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./:=@,+-"
    );

    /// <inheritdoc/>
    public string NameOf(ChangeSwitch allowed) =>
        allowed switch
        {
            ChangeSwitch.Force => "--force",
            ChangeSwitch.StopGuests => "--stop-guests",
            ChangeSwitch.Restart => "--restart",
            ChangeSwitch.ReplaceConflict => "--replace-conflict",
            ChangeSwitch.WholeGroup => "--whole-group",
            ChangeSwitch.HostDriver => "--driver host",
            ChangeSwitch.Temporary => "--temporary",
            ChangeSwitch.WritePlan => "--plan FILE",
            ChangeSwitch.StaticMemory => "--static-memory",
            ChangeSwitch.WindowsHypervisor => "--windows-hypervisor",
            ChangeSwitch.Unmanaged => "--unmanaged",
            ChangeSwitch.Multifunction => "--multifunction",
            ChangeSwitch.NoRom => "--no-rom",
            _ => throw new ArgumentOutOfRangeException(nameof(allowed)),
        };

    /// <inheritdoc/>
    public string NameOf(HostSetting setting) =>
        setting switch
        {
            HostSetting.KeyFile => "--identity",
            HostSetting.Port => "--port",
            HostSetting.SshOption => "--ssh-option",
            HostSetting.TrustInventory => "--trust-inventory",
            HostSetting.ConnectTimeout => "--connect-timeout",
            HostSetting.CommandTimeout => "--timeout",
            HostSetting.Throttle => "--throttle",
            HostSetting.SshClient => "--ssh-client",
            HostSetting.Credential => "--ask-password",
            HostSetting.KeyPassphrase => "--ask-key-passphrase",
            HostSetting.SudoPassword => "--ask-sudo-password",
            HostSetting.UseSsl => "--use-ssl",
            HostSetting.Authentication => "--authentication",
            HostSetting.CertificateThumbprint => "--certificate-thumbprint",
            HostSetting.AuthorityFile => "--authority-file",

            // The program has one, and so no option that chooses.
            HostSetting.CimClient => "the setting for the client of CIM",
            _ => throw new ArgumentOutOfRangeException(nameof(setting)),
        };

    /// <inheritdoc/>
    public string NameOf(OwnCommand command) =>
        command switch
        {
            OwnCommand.Support => "nestvirt support",
            OwnCommand.EnableNesting => "nestvirt enable nesting",
            OwnCommand.DisableNesting => "nestvirt disable nesting",
            OwnCommand.EnableIommu => "nestvirt enable iommu",
            OwnCommand.DisableIommu => "nestvirt disable iommu",
            OwnCommand.SetModule => "nestvirt set module",
            OwnCommand.SetKernel => "nestvirt set kernel",
            OwnCommand.SetDriver => "nestvirt set driver",
            OwnCommand.SetHugePages => "nestvirt set hugepages",
            OwnCommand.ListPciDevices => "nestvirt pci",
            OwnCommand.History => "nestvirt history",
            OwnCommand.Undo => "nestvirt undo",
            OwnCommand.Snapshot => "nestvirt snapshot",
            OwnCommand.SetSriov => "nestvirt set sriov",
            OwnCommand.SetCpu => "nestvirt set cpu",
            OwnCommand.AddVmPci => "nestvirt add vm-pci",
            OwnCommand.RemoveVmPci => "nestvirt remove vm-pci",
            OwnCommand.TuneVm => "nestvirt set tuning",
            _ => throw new ArgumentOutOfRangeException(nameof(command)),
        };

    /// <inheritdoc/>
    public string? Write(CommandCall command) =>
        string.Join(
            ' ',
            [
                NameOf(command.Command),
                .. command.Arguments.Where(static argument => argument.Name == CommandArgument.ChangeId).Select(Words),
                .. command.Host is { } host ? [Quoted(host)] : Array.Empty<string>(),
                .. command
                    .Arguments.Where(static argument => argument.Name != CommandArgument.ChangeId)
                    .Select(argument =>
                        command.Command == OwnCommand.SetModule ? Quoted(argument.Value) : Words(argument)
                    ),
                .. command.Switches.Select(NameOf),
            ]
        );

    private static string Words((CommandArgument Name, string Value) argument) =>
        argument.Name switch
        {
            CommandArgument.ChangeId or CommandArgument.Module => Quoted(argument.Value),
            CommandArgument.Parameter => $"--parameter {Quoted(argument.Value)}",
            CommandArgument.KernelWord => $"--set {Quoted(argument.Value)}",
            CommandArgument.RemovedKernelWord => $"--remove {Quoted(argument.Value)}",
            CommandArgument.Address => $"--address {Quoted(argument.Value)}",
            CommandArgument.Driver => $"--driver {Quoted(argument.Value)}",
            CommandArgument.PageSizeKiB => $"--size {argument.Value}K",
            CommandArgument.PageCount or CommandArgument.FunctionCount => $"--count {Quoted(argument.Value)}",
            CommandArgument.BindDrivers => $"--bind-drivers {Quoted(argument.Value)}",
            CommandArgument.Function => $"--vf {Quoted(argument.Value)}",
            CommandArgument.FunctionSetting => $"--set {Quoted(argument.Value)}",
            CommandArgument.Passthrough => $"--passthrough {Quoted(argument.Value)}",
            CommandArgument.Node => $"--node {Quoted(argument.Value)}",
            CommandArgument.VmName => $"--vm {Quoted(argument.Value)}",
            CommandArgument.Expose => $"--nesting {argument.Value}",
            CommandArgument.CpuCount => $"--count {argument.Value}",
            CommandArgument.ThreadsPerCore => $"--threads {argument.Value}",
            CommandArgument.MacSpoofing => $"--mac-spoofing {argument.Value}",
            CommandArgument.IovWeight => $"--iov-weight {argument.Value}",
            CommandArgument.VbsOptOut => $"--vbs-opt-out {argument.Value}",
            CommandArgument.CpuMode => $"--mode {argument.Value}",
            CommandArgument.CpuModel => $"--model {Quoted(argument.Value)}",
            CommandArgument.CpuFeature => $"--feature {Quoted(argument.Value)}",
            CommandArgument.CpuTopology => $"--topology {Quoted(argument.Value)}",
            CommandArgument.Migratable => $"--migratable {argument.Value}",
            CommandArgument.Device => Quoted(argument.Value),
            CommandArgument.LowMmioMebibytes => $"--low-mmio {argument.Value}",
            CommandArgument.HighMmioMebibytes => $"--high-mmio {argument.Value}",
            CommandArgument.MacAddress => $"--mac {Quoted(argument.Value)}",
            CommandArgument.VlanId => $"--vlan {argument.Value}",
            CommandArgument.GuestAddress => $"--guest-address {Quoted(argument.Value)}",
            CommandArgument.RomFile => $"--rom-file {Quoted(argument.Value)}",
            CommandArgument.Tuning => $"--tuning {argument.Value}",
            CommandArgument.SiblingUse => $"--siblings {argument.Value}",
            CommandArgument.IOThreadCount => $"--io-threads {argument.Value}",
            CommandArgument.VmPageSizeKiB => $"--page-size {argument.Value}K",
            _ => throw new ArgumentOutOfRangeException(nameof(argument)),
        };

    private static string Quoted(string word) =>
        word.Length > 0 && !word.AsSpan().ContainsAnyExcept(s_plain) ? word : ShellQuote.Word(word);
}
