using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests;

/// <summary>What a real host wrote, byte for byte, is what the stand-in writes with the same values.</summary>
public class RecordedInstanceTests
{
    // r4sd/go-wsman (MIT), hyperv/testdata/recorded_computersystem_pull_vm_off.xml, 2026-10-08.
    private const string VMOff =
        """<p:Msvm_ComputerSystem xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_ComputerSystem" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xsi:type="p:Msvm_ComputerSystem_Type"><p:Caption>仮想マシン</p:Caption><p:CommunicationStatus xsi:nil="true"/><p:CreationClassName>Msvm_ComputerSystem</p:CreationClassName><p:Description>Microsoft Virtual Machine</p:Description><p:DetailedStatus xsi:nil="true"/><p:ElementName>scrubbed-9</p:ElementName><p:EnabledDefault>3</p:EnabledDefault><p:EnabledState>3</p:EnabledState><p:EnhancedSessionModeState>3</p:EnhancedSessionModeState><p:FailedOverReplicationType>0</p:FailedOverReplicationType><p:HealthState>5</p:HealthState><p:HwThreadsPerCoreRealized xsi:nil="true"/><p:InstallDate><cim:Datetime>2026-10-08T15:15:36.68424Z</cim:Datetime></p:InstallDate><p:InstanceID xsi:nil="true"/><p:LastApplicationConsistentReplicationTime><cim:Datetime>1601-01-01T00:00:00Z</cim:Datetime></p:LastApplicationConsistentReplicationTime><p:LastReplicationTime><cim:Datetime>1601-01-01T00:00:00Z</cim:Datetime></p:LastReplicationTime><p:LastReplicationType>0</p:LastReplicationType><p:LastSuccessfulBackupTime xsi:nil="true"/><p:ManagementVtlImageFileName xsi:nil="true"/><p:ManagementVtlImageVersion xsi:nil="true"/><p:Name>00000000-0000-4000-8000-000000000012</p:Name><p:NameFormat xsi:nil="true"/><p:NumberOfNumaNodes>1</p:NumberOfNumaNodes><p:OnTimeInMilliseconds>0</p:OnTimeInMilliseconds><p:OperatingStatus xsi:nil="true"/><p:OperationalStatus>2</p:OperationalStatus><p:OtherEnabledState xsi:nil="true"/><p:PrimaryOwnerContact xsi:nil="true"/><p:PrimaryOwnerName xsi:nil="true"/><p:PrimaryStatus xsi:nil="true"/><p:ProcessID xsi:nil="true"/><p:ReplicationHealth>0</p:ReplicationHealth><p:ReplicationMode>0</p:ReplicationMode><p:ReplicationState>0</p:ReplicationState><p:RequestedState>5</p:RequestedState><p:ResetCapability>1</p:ResetCapability><p:Status>OK</p:Status><p:StatusDescriptions>正常稼働中</p:StatusDescriptions><p:TimeOfLastConfigurationChange><cim:Datetime>2026-10-08T15:15:36.842286Z</cim:Datetime></p:TimeOfLastConfigurationChange><p:TimeOfLastStateChange><cim:Datetime>1601-01-01T00:00:00Z</cim:Datetime></p:TimeOfLastStateChange><p:TransitioningToState xsi:nil="true"/></p:Msvm_ComputerSystem>""";

    // The same repository, recorded_computersystem_pull_host.xml.
    private const string Host =
        """<p:Msvm_ComputerSystem xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:p="http://schemas.microsoft.com/wbem/wsman/1/wmi/root/virtualization/v2/Msvm_ComputerSystem" xmlns:cim="http://schemas.dmtf.org/wbem/wscim/1/common" xsi:type="p:Msvm_ComputerSystem_Type"><p:Caption>ホスト コンピューター システム</p:Caption><p:CommunicationStatus xsi:nil="true"/><p:CreationClassName>Msvm_ComputerSystem</p:CreationClassName><p:Description>Microsoft ホスト コンピューター システム</p:Description><p:DetailedStatus xsi:nil="true"/><p:ElementName>scrubbed-1</p:ElementName><p:EnabledDefault>2</p:EnabledDefault><p:EnabledState>2</p:EnabledState><p:EnhancedSessionModeState xsi:nil="true"/><p:FailedOverReplicationType xsi:nil="true"/><p:HealthState>5</p:HealthState><p:HwThreadsPerCoreRealized xsi:nil="true"/><p:InstallDate xsi:nil="true"/><p:InstanceID xsi:nil="true"/><p:LastApplicationConsistentReplicationTime xsi:nil="true"/><p:LastReplicationTime xsi:nil="true"/><p:LastReplicationType xsi:nil="true"/><p:LastSuccessfulBackupTime xsi:nil="true"/><p:ManagementVtlImageFileName xsi:nil="true"/><p:ManagementVtlImageVersion xsi:nil="true"/><p:Name>scrubbed-1</p:Name><p:NameFormat xsi:nil="true"/><p:NumberOfNumaNodes>1</p:NumberOfNumaNodes><p:OnTimeInMilliseconds xsi:nil="true"/><p:OperatingStatus xsi:nil="true"/><p:OperationalStatus>2</p:OperationalStatus><p:OtherEnabledState xsi:nil="true"/><p:PrimaryOwnerContact xsi:nil="true"/><p:PrimaryOwnerName xsi:nil="true"/><p:PrimaryStatus xsi:nil="true"/><p:ProcessID xsi:nil="true"/><p:ReplicationHealth xsi:nil="true"/><p:ReplicationMode xsi:nil="true"/><p:ReplicationState xsi:nil="true"/><p:RequestedState>12</p:RequestedState><p:ResetCapability>1</p:ResetCapability><p:Status>OK</p:Status><p:StatusDescriptions>OK</p:StatusDescriptions><p:TimeOfLastConfigurationChange xsi:nil="true"/><p:TimeOfLastStateChange xsi:nil="true"/><p:TransitioningToState xsi:nil="true"/></p:Msvm_ComputerSystem>""";

    [Fact]
    public async Task Pull_writes_the_recorded_host_and_machine()
    {
        var machine = new HyperVMachine(
            new HostFacts
            {
                Name = "scrubbed-1",
                Build = 26100,
                Language = "ja-JP",
            }
        );
        VirtualMachine vm = machine.AddVM("scrubbed-9", new() { Id = new("00000000-0000-4000-8000-000000000012") });
        vm.System["InstallDate"] = DateTimeOffset.Parse("2026-10-08T15:15:36.68424Z", null);
        vm.System["TimeOfLastConfigurationChange"] = DateTimeOffset.Parse("2026-10-08T15:15:36.842286Z", null);
        await using StandInHost host = await StandInHost.StartAsync(machine);
        string resource = Envelopes.V2 + "Msvm_ComputerSystem";

        CurlAnswer opened = await Curl.PostAsync(host.Address, Envelopes.Enumerate(resource));
        CurlAnswer first = await Curl.PostAsync(
            host.Address,
            Envelopes.Pull(resource, opened.Value("EnumerationContext"))
        );
        CurlAnswer last = await Curl.PostAsync(
            host.Address,
            Envelopes.Pull(resource, first.Value("EnumerationContext"))
        );

        // One item an answer without MaxElements; the end comes with the last one, and then there is no context.
        Assert.Contains($"</n:EnumerationContext><n:Items>{Host}</n:Items></n:PullResponse>", first.Text);
        Assert.Contains($"<n:PullResponse><n:Items>{VMOff}</n:Items><n:EndOfSequence/></n:PullResponse>", last.Text);
        Assert.NotEqual(opened.Value("EnumerationContext"), first.Value("EnumerationContext"));
    }

    [Fact]
    public async Task Answers_declare_the_recorded_namespaces_and_headers()
    {
        await using StandInHost host = await StandInHost.StartAsync(new HyperVMachine());

        CurlAnswer answer = await Curl.PostAsync(
            host.Address,
            Envelopes.Enumerate(Envelopes.V2 + "Msvm_ComputerSystem")
        );

        Assert.Equal((200, "application/soap+xml;charset=UTF-8"), (answer.Status, answer.ContentType));
        Assert.StartsWith(
            """<s:Envelope xml:lang="en-US" xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:n="http://schemas.xmlsoap.org/ws/2004/09/enumeration" xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"><s:Header><a:Action>http://schemas.xmlsoap.org/ws/2004/09/enumeration/EnumerateResponse</a:Action><a:MessageID>uuid:""",
            answer.Text,
            StringComparison.Ordinal
        );
        Assert.Equal("uuid:D5A5D0D2-4A42-4F3B-9E30-2F2A6B1C0001", answer.Value("RelatesTo"));
    }
}
