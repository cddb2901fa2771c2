using NestVirt.Core.Tests.HyperV;
using NestVirt.Hosts;
using NestVirt.HyperV.Sriov;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Transport.Recorded;

[Trait("Category", "Security")]
public sealed class CimRedactionTests
{
    [Fact]
    public void Redact_leaves_no_name_and_no_id_and_keeps_what_belongs_together()
    {
        WindowsHost host = new()
        {
            Iov = false,
            IovReasons = ["The switch of payroll-db on HV1.corp.example 10.1.2.3 has 00155D0A0B0C."],
            VMs =
            [
                new WindowsVM
                {
                    Name = "payroll-db",
                    Devices =
                    [
                        @"\\HV1\root\virtualization\v2:Msvm_PciExpress.CreationClassName=""Msvm_PciExpress"",DeviceID=""PCIP\\VEN_15B3&DEV_1013&SUBSYS_000115B3\\E41D2D0300A2B3C0"",SystemName=""HV1""",
                    ],
                },
                new WindowsVM { Name = "Dell", Id = "0F1A8D0B-7B7E-4B6C-9F60-6A1C2B3D4E5F" },
            ],
        };
        HostSnapshot snapshot = new("hv1.corp.example", TestTime, host.Answers().All);

        HostSnapshot redacted = SnapshotRedactor.Redact(snapshot);
        string text = System.Text.Encoding.UTF8.GetString(redacted.ToUtf8().Span);

        Assert.All(
            new[]
            {
                "payroll-db",
                "HV1",
                "corp.example",
                "10.1.2.3",
                "00155D0A0B0C",
                "E41D2D0300A2B3C0",
                WindowsVM.FirstId,
                "0F1A8D0B-7B7E-4B6C-9F60-6A1C2B3D4E5F",
                ">Dell<",
            },
            planted => Assert.DoesNotContain(planted, text, StringComparison.OrdinalIgnoreCase)
        );

        // A maker is no name, though a machine is called so; what decides is still there.
        Assert.Contains(">Dell Inc.<", text, StringComparison.Ordinal);
        Assert.Contains("VEN_15B3&amp;DEV_1013", redacted.Answers["hvresources"].Text, StringComparison.Ordinal);
        string[] stable = ["hvresources", "hvsettings", "hvvms"];
        HostSnapshot again = SnapshotRedactor.Redact(redacted);
        Assert.Equal(stable.Select(name => redacted.Answers[name]), stable.Select(name => again.Answers[name]));
    }

    [Fact]
    public void Names_that_are_words_of_the_host_damage_nothing_that_conclusions_rest_on()
    {
        const string Device =
            @"\\HV1\root\virtualization\v2:Msvm_PciExpress.CreationClassName=""Msvm_PciExpress"",DeviceID=""PCIP\\VEN_15B3&DEV_1013\\E41D2D0300A2B3C0"",SystemName=""HV1""";
        string[] names = ["dev", "root", "virtualization", "DeviceID", "does", "account", "VEN"];
        WindowsHost host = new()
        {
            VMs =
            [
                .. names.Select(
                    static (name, at) =>
                        new WindowsVM
                        {
                            Id = $"5D1B6E00-0000-4000-8000-{at + 1:D12}",
                            Name = name,
                            Devices = [Device],
                        }
                ),
            ],
        };
        ProbeAnswers answers = host.Answers();
        answers.Set("hvguard", new ProbeAnswer(string.Empty, WindowsHost.Missing));
        answers.Set("hvrole", new ProbeAnswer(string.Empty, WindowsHost.Denied));

        HostSnapshot redacted = SnapshotRedactor.Redact(new HostSnapshot("account", TestTime, answers.All));

        Assert.True(CimAnswers.IsMissing(redacted.Answers["hvguard"]));
        Assert.True(CimAnswers.IsDenied(redacted.Answers["hvrole"]));
        string text = redacted.Answers["hvresources"].Text;
        Assert.Contains(@"\root\virtualization\v2:", text, StringComparison.Ordinal);
        Assert.Contains(@"DeviceID=""PCIP\\VEN_15B3&amp;DEV_1013\\", text, StringComparison.Ordinal);
        Assert.DoesNotContain(
            names,
            name => redacted.Answers["hvvms"].Text.Contains($">{name}<", StringComparison.OrdinalIgnoreCase)
        );
    }

    [Fact]
    public void What_people_call_an_adapter_goes_and_its_place_is_found_by_the_stand_in()
    {
        WindowsHost host = new()
        {
            Adapters =
            [
                new WindowsAdapter { Name = "ACME-DMZ uplink" },
                new WindowsAdapter { Name = "vMotion Bonn", Id = "{8B6A2D3C-0000-4000-8000-000000000002}" },
            ],
        };
        ProbeAnswers answers = host.Answers();

        // Joined by their names alone.
        answers.Set(
            "hvnichardware",
            new ProbeAnswer(
                string.Concat(
                    host.Adapters.Select(
                        static (one, at) => (one with { Id = $"other {at}", Place = (0, 59, 0, at) }).Hardware
                    )
                )
            )
        );

        HostSnapshot redacted = SnapshotRedactor.Redact(new HostSnapshot("hv1", TestTime, answers.All));

        string text = System.Text.Encoding.UTF8.GetString(redacted.ToUtf8().Span);
        Assert.DoesNotContain("ACME", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Bonn", text, StringComparison.OrdinalIgnoreCase);
        ProbeAnswers left = host.Answers();
        foreach (string name in new[] { "hvnicsriov", "hvnichardware" })
        {
            left.Set(name, redacted.Answers[name]);
        }

        Assert.Equal(
            [("0000:3b:00.0", "adapter1", 64), ("0000:3b:00.1", "adapter2", 64)],
            SriovAssessor
                .Assess(left, HostTarget.Local)
                .Select(static one => (one.Address, one.Device.NetworkInterfaces[0], one.TotalCount))
        );
    }

    [Fact]
    public void Redact_leaves_out_what_it_cannot_read()
    {
        HostSnapshot snapshot = new(
            "hv1",
            TestTime,
            new Dictionary<string, ProbeAnswer>
            {
                ["hvvms"] = new("<INSTANCE CLASSNAME=\"Msvm_ComputerSystem\"><PROPERTY NAME=\"Name\">secret"),
            }
        );

        ProbeAnswer left = SnapshotRedactor.Redact(snapshot).Answers["hvvms"];

        Assert.False(left.IsAvailable);
        Assert.Equal(string.Empty, left.Text);
    }

    [Fact]
    public void Secrets_are_marked_inside_of_a_value_and_the_rest_can_be_read()
    {
        WindowsHost host = new() { VMs = [new WindowsVM { Name = "web password=hunter2 token=abc" }] };

        ProbeAnswers answers = host.Answers();

        Assert.DoesNotContain("hunter2", answers.All["hvvms"].Text, StringComparison.Ordinal);
        Assert.Equal(
            ["HV1", "web password=******** token=********"],
            CimAnswers
                .Read(answers, NestVirt.HyperV.VirtualMachines.VMProbes.Systems)
                .Select(static system => system.Text("ElementName"))
        );
    }

    private static DateTimeOffset TestTime { get; } = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);
}
