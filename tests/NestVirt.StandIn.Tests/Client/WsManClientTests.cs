using NestVirt.StandIn.Machine;
using NestVirt.Transport.Cim;
using WqlText = NestVirt.Transport.Cim.Wql;

namespace NestVirt.StandIn.Tests.Client;

/// <summary>Our client of WS-Management against the stand-in, which was written from documents and recordings.</summary>
public sealed class WsManClientTests
{
    private const string Systems = "Msvm_ComputerSystem";

    /// <summary>Gets what other servers do otherwise, of which OMI is one.</summary>
    public static TheoryData<string> OtherServers =>
        [
            .. typeof(Variants)
                .GetProperties()
                .Where(static property => property.PropertyType == typeof(bool))
                .Select(static property => property.Name)
                .Except([nameof(Variants.AnswersWithHtml), nameof(Variants.TruncatesXml)]),
        ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Machines_are_listed_queried_and_got(bool isHttps)
    {
        HyperVMachine machine = Machine();
        await using ClientHost client = isHttps
            ? await ClientHost.OverHttpsAsync(machine)
            : await ClientHost.OverHttpAsync(machine);
        VirtualMachine vm = machine.VMs[1];

        List<CimInstance> all = await client.EnumerateAsync(Systems);
        CimInstance found = Assert.Single(
            await client.QueryAsync($"SELECT * FROM {Systems} WHERE ElementName={WqlText.Literal(vm.Name)}")
        );
        CimPath path = CimPath.Of(
            ClientHost.Space,
            Systems,
            ("CreationClassName", Systems),
            ("Name", found.Text("Name")!)
        );
        CimInstance? got = await client.Session.GetAsync(path, CancellationToken.None);
        CimInstance settings = Assert.Single(
            await client.QueryAsync(
                WqlText.AssociatorsOf(path, "Msvm_SettingsDefineState", "Msvm_VirtualSystemSettingData")
            )
        );
        CimInstance? absent = await client.Session.GetAsync(
            CimPath.Of(ClientHost.Space, Systems, ("CreationClassName", Systems), ("Name", "none")),
            CancellationToken.None
        );

        Assert.Equal(
            [machine.Host.Name, .. machine.VMs.Select(static vm => vm.Name)],
            all.Select(static system => system.Text("ElementName"))
        );
        Assert.Equal(vm.Id, Guid.Parse(found.Text("Name")!));
        Assert.Equal(found.Properties, got!.Properties);
        Assert.Equal("10.0", settings.Text("Version"));
        Assert.False(settings.Boolean("IsSaved"));
        Assert.Null(absent);
        Assert.Equal(
            isHttps ? ["Basic"] : ["Negotiate", "Negotiate", null],
            client.Host.Requests.Select(static request => request.Authorization).Take(isHttps ? 1 : 3)
        );
        Assert.Single(client.Host.Requests.Select(static request => request.Connection).Distinct());
    }

    [Fact]
    public async Task A_setting_is_changed_by_a_job_and_read_back()
    {
        HyperVMachine machine = Machine();
        VirtualMachine vm = machine.VMs[0];
        await using ClientHost client = await ClientHost.OverHttpAsync(machine);

        CimMethodResult result = await client.SetNestingAsync(vm, isOn: true);
        CimPath job = result.Output.Reference("Job")!;
        List<ulong?> states = [];
        do
        {
            CimInstance? instance = await client.Session.GetAsync(job, CancellationToken.None);
            states.Add(instance!.Number("JobState"));
        } while (states[^1] is 3 or 4);

        Assert.Equal(4096u, result.ReturnValue);
        Assert.Equal((ClientHost.Space, "Msvm_ConcreteJob"), (job.Namespace, job.ClassName));
        Assert.Equal(7u, states[^1]);
        Assert.True(vm.IsNested);
        CimInstance processor = Assert.Single(
            await client.QueryAsync(
                $"SELECT * FROM Msvm_ProcessorSettingData WHERE InstanceID={WqlText.Literal(vm.Processor.Text("InstanceID"))}"
            )
        );
        Assert.True(processor.Boolean("ExposeVirtualizationExtensions"));
        Assert.Equal(2u, processor.Number("VirtualQuantity"));
    }

    [Fact]
    public async Task A_job_that_fails_says_why_in_its_own_text()
    {
        HyperVMachine machine = new() { Jobs = { ReadsUntilFinished = 1 } };
        VirtualMachine vm = machine.AddVM("lab", new VMOptions { State = VMState.Running });
        await using ClientHost client = await ClientHost.OverHttpAsync(machine);

        CimPath job = (await client.SetNestingAsync(vm, isOn: true)).Output.Reference("Job")!;
        CimInstance? ended = await client.Session.GetAsync(job, CancellationToken.None);
        CimMethodResult errors = await client.Session.InvokeAsync(job, "GetErrorEx", [], CancellationToken.None);

        Assert.Equal(10u, ended!.Number("JobState"));
        CimInstance error = Assert.Single(
            errors.Output.Texts("Errors").SelectMany(static text => CimXmlReader.Read(text, ClientHost.Space))
        );
        Assert.Equal("Msvm_Error", error.ClassName);
        Assert.StartsWith("The operation cannot be performed", error.Text("Message"), StringComparison.Ordinal);
        Assert.False(vm.IsNested);
    }

    [Theory]
    [MemberData(nameof(OtherServers))]
    public async Task What_other_servers_do_otherwise_changes_no_answer(string variant)
    {
        HyperVMachine machine = Machine();
        Variants variants = new();
        await using ClientHost client = await ClientHost.OverHttpAsync(machine, variants);
        string asWindows = await DescribeAsync(client, machine);

        typeof(Variants).GetProperty(variant)!.SetValue(variants, true);

        Assert.Equal(asWindows, await DescribeAsync(client, machine));
    }

    [Fact]
    public async Task A_thousand_machines_take_a_few_requests()
    {
        HyperVMachine machine = new HyperVMachine().AddVMs(1000);
        await using ClientHost client = await ClientHost.OverHttpAsync(machine);

        foreach (
            string name in new[]
            {
                Systems,
                "Msvm_VirtualSystemSettingData",
                "Msvm_ProcessorSettingData",
                "Msvm_MemorySettingData",
            }
        )
        {
            Assert.InRange((await client.EnumerateAsync(name)).Count, 1000, 1010);
        }

        // The login, and for each class what fits into envelopes of 512,000 bytes.
        Assert.InRange(client.Host.Requests.Count, 6, 50);
    }

    [Theory]
    [InlineData("SELECT * FROM Msvm_NoSuchClass")]
    [InlineData("SELECT FROM")]
    public async Task A_query_that_the_host_does_not_take_is_a_sentence(string wql)
    {
        await using ClientHost client = await ClientHost.OverHttpAsync(Machine());

        NestVirtException error = await Assert.ThrowsAnyAsync<NestVirtException>(() => client.QueryAsync(wql));

        Assert.Equal(NestVirtErrorKind.FeatureNotSupported, error.Kind);
        Assert.Contains(wql, error.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(Variants.AnswersWithHtml))]
    [InlineData(nameof(Variants.TruncatesXml))]
    public async Task An_answer_that_is_none_is_an_error_of_the_host(string variant)
    {
        Variants variants = new();
        typeof(Variants).GetProperty(variant)!.SetValue(variants, true);
        await using ClientHost client = await ClientHost.OverHttpsAsync(Machine(), variants);

        NestVirtException error = await Assert.ThrowsAnyAsync<NestVirtException>(() => client.EnumerateAsync(Systems));

        Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
    }

    [Fact]
    public async Task A_connection_that_ends_anywhere_leaves_the_old_or_the_new_and_a_call_is_sent_once()
    {
        for (int request = 1; request <= 4; request++)
        {
            HyperVMachine machine = Machine();
            machine.Jobs.ReadsUntilFinished = 0;
            VirtualMachine vm = machine.VMs[0];
            Variants variants = new() { CutsAtRequest = request };
            await using ClientHost client = await ClientHost.OverHttpAsync(machine, variants);

            Exception? error = await Record.ExceptionAsync(() => client.SetNestingAsync(vm, isOn: true));

            int calls = client.Host.Requests.Count(static sent =>
                sent.Text.Contains("ModifyResourceSettings", StringComparison.Ordinal)
            );
            Assert.Equal(request <= 3, error is NestVirtException { Kind: NestVirtErrorKind.HostConnectionLost });
            Assert.InRange(calls, 0, 1);
            Assert.Equal(request > 3, vm.IsNested);
        }
    }

    private static HyperVMachine Machine()
    {
        HyperVMachine machine = new();
        machine.AddVM("lab one");
        machine.AddVM("lab 'two' \\ <&>");
        return machine;
    }

    // What a reader sees of a host: the VMs, a processor, and what a change gives.
    private static async Task<string> DescribeAsync(ClientHost client, HyperVMachine machine)
    {
        await client.Session.IdentifyAsync(CancellationToken.None);
        List<CimInstance> systems = await client.EnumerateAsync(Systems);
        List<CimInstance> processors = await client.QueryAsync("SELECT * FROM Msvm_ProcessorSettingData");
        CimMethodResult result = await client.SetNestingAsync(machine.VMs[0], isOn: true);
        CimPath job = result.Output.Reference("Job")!;
        return string.Join(
            '\n',
            [
                .. systems.Select(static system =>
                    $"{system.Text("Name")} {system.Text("ElementName")} {system.Number("EnabledState")} {system.Instant("InstallDate"):O} {system.Has("ProcessID")} {system["ProcessID"]}"
                ),
                .. processors.Select(static processor =>
                    $"{processor.Text("InstanceID")} {processor.Boolean("LimitProcessorFeatures")} {processor.Number("VirtualQuantity")}"
                ),
                $"{result.ReturnValue} {job.Namespace} {job.ClassName}",
            ]
        );
    }
}
