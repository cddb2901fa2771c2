using NestVirt.Probing;
using NestVirt.Transport.Cim;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.Probing;

public sealed class CimAnswersTests
{
    private const string Space = "root/virtualization/v2";

    private static readonly CimProbe s_machines = new(
        "machines",
        Space,
        "SELECT * FROM Msvm_ComputerSystem",
        ["Name", "ElementName", "EnabledState", "InstallDate", "Later"]
    );

    private static readonly CimProbe s_processors = new(
        "processors",
        Space,
        "SELECT * FROM Msvm_ProcessorSettingData",
        ["InstanceID", "ExposeVirtualizationExtensions"]
    );

    [Fact]
    public async Task Answers_keep_what_was_asked_for_and_tell_NULL_from_absent()
    {
        CimInstance machine = new("Msvm_ComputerSystem")
        {
            ["Name"] = CimValue.Of("0F1A8D0B-7B7E-4B6C-9F60-6A1C2B3D4E5F"),
            ["ElementName"] = CimValue.Of("a <b> & \"c\"\r\n]]>\u0001"),
            ["EnabledState"] = CimValue.Of(CimType.UInt16, 3),
            ["InstallDate"] = null,
            ["Caption"] = CimValue.Of("仮想マシン"),
        };

        ProbeAnswers answers = await CimAnswers.AskAsync(new Session(machine), [s_machines], Token);

        CimInstance read = Assert.Single(CimAnswers.Read(answers, s_machines));
        Assert.Equal(["Name", "ElementName", "EnabledState", "InstallDate"], read.Properties.Keys);
        Assert.Equal(machine.Text("ElementName"), read.Text("ElementName"));
        Assert.Equal(3u, read.Number("EnabledState"));
        Assert.True(read.Has("InstallDate"));
        Assert.Null(read["InstallDate"]);
        Assert.False(read.Has("Later"));
    }

    [Theory]
    [InlineData(NestVirtErrorKind.FeatureNotSupported)]
    [InlineData(NestVirtErrorKind.HostPermissionDenied)]
    public async Task A_class_that_is_not_there_or_not_allowed_leaves_the_others_their_answers(NestVirtErrorKind kind)
    {
        CimInstance processor = new("Msvm_ProcessorSettingData") { ["InstanceID"] = CimValue.Of(@"Microsoft:X\Y\0") };
        Session session = new(processor) { Refuses = s_machines.Query, Kind = kind };

        ProbeAnswers answers = await CimAnswers.AskAsync(session, [s_machines, s_processors], Token);

        bool isMissing = kind == NestVirtErrorKind.FeatureNotSupported;
        Assert.Equal(
            new ProbeAnswer(string.Empty, isMissing ? "the host does not have it: Not so." : "Not so."),
            answers[s_machines]
        );
        Assert.Equal(isMissing, CimAnswers.IsMissing(answers[s_machines]));
        Assert.Empty(CimAnswers.Read(answers, s_machines));
        Assert.Single(CimAnswers.Read(answers, s_processors));
    }

    [Theory]
    [InlineData(NestVirtErrorKind.ProbeOutputInvalid)]
    [InlineData(NestVirtErrorKind.HostTimeout)]
    public async Task A_provider_that_fails_leaves_the_others_their_answers(NestVirtErrorKind kind)
    {
        CimInstance processor = new("Msvm_ProcessorSettingData") { ["InstanceID"] = CimValue.Of(@"Microsoft:X\Y\0") };
        Session session = new(processor)
        {
            Refuses = s_machines.Query,
            Kind = kind,
            IsFault = true,
        };

        ProbeAnswers answers = await CimAnswers.AskAsync(session, [s_machines, s_processors], Token);

        Assert.Equal(new ProbeAnswer(string.Empty, "Not so."), answers[s_machines]);
        Assert.False(CimAnswers.IsMissing(answers[s_machines]));
        Assert.Single(CimAnswers.Read(answers, s_processors));
    }

    [Theory]
    [InlineData(NestVirtErrorKind.FeatureNotSupported, "", 3)]
    [InlineData(NestVirtErrorKind.FeatureNotSupported, "1", 6)]
    [InlineData(NestVirtErrorKind.HostTimeout, "", 3)]
    [InlineData(NestVirtErrorKind.ProbeOutputInvalid, "", 6)]
    public async Task A_method_that_the_first_do_not_have_is_not_called_on_all(
        NestVirtErrorKind kind,
        string having,
        int calls
    )
    {
        CimProbe probe = s_machines with
        {
            Call = new CimCall("Msvm_ComputerSystem", "Name", "Tell", [], "told", ["Data"]),
        };
        Session session = new([
            .. "123456".Select(static name => new CimInstance("Msvm_ComputerSystem")
            {
                ["Name"] = CimValue.Of($"{name}"),
            }),
        ])
        {
            Tells = name =>
                name == having
                    ? new CimMethodResult(0, new CimInstance("Tell"))
                    : throw new CimFaultException(kind, "Not so."),
        };

        ProbeAnswers answers = await CimAnswers.AskAsync(session, [probe], Token);

        Assert.Equal(calls, session.Calls.Count);
        Assert.Equal(6, CimAnswers.Read(answers, probe).Count);
    }

    [Fact]
    public async Task A_method_is_called_on_each_instance_and_what_one_does_not_answer_is_not_told_of_it_alone()
    {
        CimProbe probe = s_machines with
        {
            Call = new CimCall(
                "Msvm_ComputerSystem",
                "Name",
                "Tell",
                [new CimArgument("keys", CimValue.Of(["a", "b"]))],
                "told",
                ["KeyName", "Data"]
            ),
        };
        Session session = new([
            .. "12345".Select(static name => Machine($"{name}")),
            new CimInstance("Msvm_ComputerSystem"),
        ])
        {
            Tells = static name =>
                name switch
                {
                    "2" => throw new CimFaultException(NestVirtErrorKind.ProbeOutputInvalid, "Not so."),
                    "3" => new CimMethodResult(5, Told("3", Property("3"))),
                    "4" => new CimMethodResult(0, Told("4", CimValue.Of("no instance"))),
                    _ => new CimMethodResult(0, Told(name, Property(name), Property($"{name}'"))),
                },
        };

        ProbeAnswers answers = await CimAnswers.AskAsync(session, [probe], Token);

        IReadOnlyList<CimInstance> read = CimAnswers.Read(answers, probe);
        Assert.Equal(["1", "2", "3", "4", "5", null], read.Take(6).Select(static one => one.Text("Name")));
        Assert.Equal(
            [("1", "1"), ("1", "1'"), ("5", "5"), ("5", "5'")],
            read.Skip(6).Select(static one => (one.Text("Name"), one.Text("Data")))
        );
        Assert.All(read.Skip(6), static one => Assert.Equal(["KeyName", "Data", "Name"], one.Properties.Keys));
        Assert.Equal(
            ["1", "2", "3", "4", "5"],
            session.Calls.Select(static call =>
            {
                Assert.Equal((Space, "Msvm_ComputerSystem"), (call.Path.Namespace, call.Path.ClassName));
                Assert.Equal(("Tell", "keys"), (call.Method, Assert.Single(call.Arguments).Name));
                return call.Path.Key("Name");
            })
        );

        static CimInstance Machine(string name) => new("Msvm_ComputerSystem") { ["Name"] = CimValue.Of(name) };

        static CimValue Property(string data) =>
            new CimValue.Embedded(
                new CimInstance("Win32_PnPDevicePropertyString")
                {
                    ["KeyName"] = CimValue.Of("a"),
                    ["Data"] = CimValue.Of(data),
                    ["Type"] = CimValue.Of(CimType.UInt32, 18),
                }
            );

        static CimInstance Told(string name, params CimValue[] items) =>
            new($"Tell_{name}") { ["told"] = new CimValue.Array(CimType.Instance, items) };
    }

    [Fact]
    public async Task A_host_that_is_lost_between_calls_has_no_answers()
    {
        CimProbe probe = s_machines with { Call = new CimCall("Msvm_ComputerSystem", "Name", "Tell", [], "told", []) };
        Session session = new(new CimInstance("Msvm_ComputerSystem") { ["Name"] = CimValue.Of("1") })
        {
            Tells = static _ => throw new NestVirtException(NestVirtErrorKind.HostConnectionLost, "Gone."),
        };

        await Assert.ThrowsAsync<NestVirtException>(() => CimAnswers.AskAsync(session, [probe], Token));
    }

    [Fact]
    public async Task A_waitedLonganswer_waits_for_its_place_once()
    {
        CimInstance large = new("Msvm_ComputerSystem") { ["Name"] = CimValue.Of(new string('x', 300_000)) };
        int waitedShort = 0;
        int waitedLong = 0;

        await CimAnswers.AskAsync(new Session(large), [s_machines], Token, () => Count(ref waitedShort));
        await CimAnswers.AskAsync(
            new Session([.. Enumerable.Repeat(large, 8)]),
            [s_machines, s_machines with { Name = "again" }],
            Token,
            () => Count(ref waitedLong)
        );

        Assert.Equal((0, 1), (waitedShort, waitedLong));

        static Task Count(ref int times)
        {
            times++;
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_host_that_is_gone_has_no_answers()
    {
        Session session = new() { Refuses = s_machines.Query, Kind = NestVirtErrorKind.HostConnectionLost };

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            CimAnswers.AskAsync(session, [s_processors, s_machines], Token)
        );

        Assert.Equal(NestVirtErrorKind.HostConnectionLost, error.Kind);
    }

    [Fact]
    public async Task A_host_that_answers_without_end_is_stopped()
    {
        CimInstance tooLong = new("Msvm_ComputerSystem") { ["Name"] = CimValue.Of(new string('x', 1 << 20)) };
        Session session = new([.. Enumerable.Repeat(tooLong, 20)]);

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            CimAnswers.AskAsync(session, [s_machines], Token)
        );

        Assert.Equal(NestVirtErrorKind.ProbeOutputInvalid, error.Kind);
        Assert.InRange(session.Given, 12, 13);
    }

    [Fact]
    public async Task What_is_not_kept_takes_no_room()
    {
        CimInstance other = new("Msvm_ComputerSystem") { ["Name"] = CimValue.Of(new string('x', 1 << 20)) };
        CimInstance own = new("Msvm_ComputerSystem") { ["Name"] = CimValue.Of("own") };
        Session session = new([.. Enumerable.Repeat(other, 40), own]);
        CimProbe probe = s_machines with { Keeps = static _ => static one => one.Text("Name") == "own" };

        ProbeAnswers answers = await CimAnswers.AskAsync(session, [probe], Token);

        Assert.Equal("own", Assert.Single(CimAnswers.Read(answers, probe)).Text("Name"));
        Assert.Equal(41, session.Given);
        Assert.True(answers[probe].Text.Length < 1000);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private sealed class Session(params CimInstance[] instances) : ICimSession
    {
        internal string? Refuses { get; init; }

        internal NestVirtErrorKind Kind { get; init; }

        internal bool IsFault { get; init; }

        internal int Given { get; private set; }

        internal Func<string, CimMethodResult>? Tells { get; init; }

        internal List<(CimPath Path, string Method, IReadOnlyList<CimArgument> Arguments)> Calls { get; } = [];

        public async IAsyncEnumerable<CimInstance> QueryAsync(
            string @namespace,
            string wql,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            await Task.Yield();
            Assert.Equal(Space, @namespace);
            if (wql == Refuses)
            {
                throw IsFault ? new CimFaultException(Kind, "Not so.") : new NestVirtException(Kind, "Not so.");
            }

            foreach (CimInstance instance in instances)
            {
                Given++;
                yield return instance;
            }
        }

        public IAsyncEnumerable<CimInstance> EnumerateAsync(
            string @namespace,
            string className,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task<CimInstance?> GetAsync(CimPath path, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<CimMethodResult> InvokeAsync(
            CimPath path,
            string method,
            IReadOnlyList<CimArgument> arguments,
            CancellationToken cancellationToken
        )
        {
            Calls.Add((path, method, arguments));
            return Task.FromResult(Tells!(path.Key("Name")!));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
