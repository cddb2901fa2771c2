namespace NestVirt.Guidance;

/// <summary>Words for a process that has no front end of ours.</summary>
internal sealed class PlainWords : IFrontEndWords
{
    /// <inheritdoc/>
    public string NameOf(ChangeSwitch allowed) =>
        allowed switch
        {
            ChangeSwitch.Force => "the switch that interrupts what is in use",
            ChangeSwitch.StopGuests => "the switch that stops guests",
            ChangeSwitch.Restart => "the switch that restarts the host",
            ChangeSwitch.ReplaceConflict => "the switch that replaces conflicts",
            ChangeSwitch.WholeGroup => "the switch for the whole group",
            ChangeSwitch.HostDriver => "the switch for the host's own driver",
            ChangeSwitch.Temporary => "the switch for this boot only",
            ChangeSwitch.WritePlan => "the switch that writes the plan to a file",
            ChangeSwitch.StaticMemory => "the switch for static memory",
            ChangeSwitch.WindowsHypervisor => "the switch for what Windows wants when it nests",
            ChangeSwitch.Unmanaged => "the switch that leaves drivers as they are",
            ChangeSwitch.Multifunction => "the switch for functions of one device",
            ChangeSwitch.NoRom => "the switch that hides the ROM",
            _ => throw new ArgumentOutOfRangeException(nameof(allowed)),
        };

    /// <inheritdoc/>
    public string NameOf(HostSetting setting) =>
        setting switch
        {
            HostSetting.KeyFile => "the setting for the key file",
            HostSetting.Port => "the setting for the port",
            HostSetting.SshOption => "the setting for ssh options",
            HostSetting.TrustInventory => "the setting that trusts the inventory",
            HostSetting.ConnectTimeout => "the setting for the time to connect",
            HostSetting.CommandTimeout => "the setting for the time to answer",
            HostSetting.Throttle => "the setting for hosts at once",
            HostSetting.SshClient => "the setting for the SSH client",
            HostSetting.Credential => "the setting for a password",
            HostSetting.KeyPassphrase => "the setting for the passphrase",
            HostSetting.SudoPassword => "the setting for the password of sudo",
            HostSetting.UseSsl => "the setting for HTTPS",
            HostSetting.Authentication => "the setting for the login",
            HostSetting.CertificateThumbprint => "the setting for the thumbprint",
            HostSetting.AuthorityFile => "the setting for the authorities",
            HostSetting.CimClient => "the setting for the client of CIM",
            _ => throw new ArgumentOutOfRangeException(nameof(setting)),
        };

    /// <inheritdoc/>
    public string NameOf(OwnCommand command) =>
        command switch
        {
            OwnCommand.Support => "the report on nesting",
            OwnCommand.EnableNesting => "the request to enable nesting",
            OwnCommand.DisableNesting => "the request to disable nesting",
            OwnCommand.EnableIommu => "the request to enable the IOMMU",
            OwnCommand.DisableIommu => "the request to disable the IOMMU",
            OwnCommand.SetModule => "the request for parameters of a module",
            OwnCommand.SetKernel => "the request for kernel parameters",
            OwnCommand.SetDriver => "the request for the driver of a device",
            OwnCommand.SetHugePages => "the request for huge pages",
            OwnCommand.ListPciDevices => "the list of PCI devices",
            OwnCommand.History => "the history of changes",
            OwnCommand.Undo => "undo",
            OwnCommand.Snapshot => "the record of the answers",
            OwnCommand.SetSriov => "the request for virtual functions",
            OwnCommand.SetCpu => "the request for the CPU of virtual machines",
            OwnCommand.AddVmPci => "the request that gives devices to a virtual machine",
            OwnCommand.RemoveVmPci => "the request that takes devices back",
            OwnCommand.TuneVm => "the request that fits virtual machines to the host",
            _ => throw new ArgumentOutOfRangeException(nameof(command)),
        };

    /// <inheritdoc/>
    public string? Write(CommandCall command) => null;
}
