using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Questions;
using NestVirt.Transport;
using NestVirt.Transport.Cim;

namespace NestVirt.Module.Tests.Cim;

/// <summary>What Core makes of a client that the module brings on Windows; another stands in its place here.</summary>
[Collection("Windows' own client")]
public sealed class WindowsCimTests : IDisposable
{
    private readonly List<HostTarget> _opened = [];
    private readonly List<string> _asked = [];

    public WindowsCimTests() =>
        WindowsCim.Use(
            (target, _) =>
            {
                _opened.Add(target);
                return Task.FromResult<ICimSession>(new Session(_asked));
            }
        );

    public void Dispose() => WindowsCim.Use(null);

    [Fact]
    public async Task This_machine_is_a_Hyper_V_host()
    {
        NestedSupport support = await OneAsync(HostQueries.Ask(HostQuestions.Support), HostTarget.Local);

        Assert.Equal(HostPlatform.HyperV, support.Platform);
        Assert.Same(HostTarget.Local, Assert.Single(_opened));
        Assert.Contains("SELECT * FROM Win32_OperatingSystem", _asked);
        Assert.Equal(
            "over Local through Windows' own client (MMI), which needs no WinRM here",
            HostConnector.Describe(HostTarget.Local)
        );
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(CimClient.Mi, true)]
    [InlineData(CimClient.WsMan, false)]
    public async Task A_Hyper_V_host_is_reached_by_it_unless_the_other_is_asked_for(CimClient? asked, bool isTaken)
    {
        HostSettings settings = new() { CimClient = asked, Authentication = WsManAuthentication.NtlmDomain };
        HostTarget host = new HostWords(null, settings).HostOf("wsman:hv1");

        if (isTaken)
        {
            await OneAsync(HostQueries.Ask(HostQuestions.Support), host);
        }
        else
        {
            // Nobody is called: it needs a password, which the other would not.
            NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
                OneAsync(HostQueries.Ask(HostQuestions.Support), host)
            );
            Assert.Contains("Windows' own client", error.Remedy, StringComparison.Ordinal);
        }

        Assert.Equal(isTaken ? [host] : [], _opened);
        Assert.Contains(
            isTaken
                ? "over WsMan through Windows' own client (MMI)"
                : "through the built-in client (WsMan), as asked for",
            HostConnector.Describe(host),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_session_of_the_user_is_given_to_it_and_stays_with_the_host()
    {
        object session = new();
        HostTarget host = new("hv1", new WsManAddress("hv1") { Session = session });

        NestedSupport support = await OneAsync(HostQueries.Ask(HostQuestions.Support), host);
        HostTarget again = new HostWords(null, new HostSettings { Port = 80 }).CompleteKnown(support.Target);

        Assert.Same(session, Assert.IsType<WsManAddress>(Assert.Single(_opened).Address).Session);
        Assert.Equal(host, again);
    }

    [Fact]
    public async Task On_this_machine_there_is_no_way_that_could_fail()
    {
        ConnectionCheck check = await OneAsync(HostQueries.CheckConnection(), HostTarget.Local);

        Assert.All(
            check.Steps,
            static step =>
                Assert.Equal(
                    step.Name == ConnectionStepName.Tools
                        ? ConnectionStepState.Failed
                        : ConnectionStepState.NotApplicable,
                    step.State
                )
        );
    }

    private static async Task<T> OneAsync<T>(IHostQuery<T> query, HostTarget host)
    {
        List<T> results = [];
        await foreach (T result in query.RunAsync(host, TestContext.Current.CancellationToken))
        {
            results.Add(result);
        }

        return Assert.Single(results);
    }

    // A host that has one class.
    private sealed class Session(List<string> asked) : ICimSession
    {
        public async IAsyncEnumerable<CimInstance> QueryAsync(
            string @namespace,
            string wql,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            await Task.Yield();
            asked.Add(wql);
            if (!wql.Contains("Win32_OperatingSystem", StringComparison.Ordinal))
            {
                throw new CimFaultException(NestVirtErrorKind.FeatureNotSupported, "It is not there.");
            }

            yield return new CimInstance("Win32_OperatingSystem")
            {
                ["BuildNumber"] = CimValue.Of("20348"),
                ["Version"] = CimValue.Of("10.0.20348"),
                ["ProductType"] = CimValue.Of(CimType.UInt32, 3),
            };
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
        ) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
