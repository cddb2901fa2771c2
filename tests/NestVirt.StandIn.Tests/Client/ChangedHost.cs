using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.HyperV;
using NestVirt.HyperV.Worker;
using NestVirt.Probing;
using NestVirt.StandIn.Authentication;
using NestVirt.StandIn.Machine;
using NestVirt.Transport;

namespace NestVirt.StandIn.Tests.Client;

/// <summary>A stand-in that is changed over HTTP with NTLM, and a folder for the journals of whoever changes it.</summary>
internal sealed class ChangedHost : IAsyncDisposable
{
    private const string User = "administrator";
    private const string Password = "pass word é";

    private readonly HostCredential _credential = new(User, Password);
    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-journal-").FullName;

    private ChangedHost(StandInHost host)
    {
        Host = host;
        Target = new HostTarget("hv1", new WsManAddress("127.0.0.1") { Port = host.Port, Credential = _credential });
        Changer = NewChanger();
    }

    internal StandInHost Host { get; }

    internal HyperVMachine Machine => Host.Machine;

    internal HostTarget Target { get; }

    internal HostChanger Changer { get; }

    /// <summary>Gets the folder of the host's journal.</summary>
    internal string Journal => Path.Join(_folder, Machine.Host.ProductId.ToString());

    internal static async Task<ChangedHost> StartAsync(HyperVMachine machine) =>
        new(
            await StandInHost.StartAsync(
                machine,
                new StandInOptions { Authentication = new NtlmAuthentication(User, Password) },
                TestContext.Current.CancellationToken
            )
        );

    /// <summary>Makes what changes it, without patience.</summary>
    /// <param name="arrivalSeconds">How long Plug and Play is waited for, or null.</param>
    internal HostChanger NewChanger(int? arrivalSeconds = null)
    {
        ChangePace pace = new()
        {
            Between = TimeSpan.FromMilliseconds(5),
            Settling = TimeSpan.FromMilliseconds(400),
            Arrival = arrivalSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : TimeSpan.FromMilliseconds(400),
            BetweenAttempts = TimeSpan.FromMilliseconds(5),
        };
        HyperVPlatform platform = new(new HyperVChangeWorker(HostConnector.Default, () => _folder, pace));
        return new HostChanger(_ => [platform], ProbeReader.Default, mayRestart: false);
    }

    internal async Task<ChangeResult> ChangeAsync(
        ChangeRequest request,
        CancellationToken cancellationToken = default
    ) => await Changer.ApplyAsync(await Changer.PlanAsync(Target, request, cancellationToken), cancellationToken);

    internal async Task<ChangeResult> UndoAsync(int? id = null, ChangeScope scope = default)
    {
        PreparedChange back = await Changer.PrepareUndoAsync(Target, id, scope, CancellationToken.None);
        return await back.ApplyAsync(CancellationToken.None);
    }

    /// <summary>Makes it as new to whoever changes it.</summary>
    internal void Forget()
    {
        Machine.Jobs.Clear();
        Host.Options.Variants.CutsAtRequest = null;
        Host.Options.Variants.CutsAnswerOfRequest = null;
        Host.Options.Variants.IsGoneFromRequest = null;
        if (Directory.Exists(Journal))
        {
            Directory.Delete(Journal, recursive: true);
        }
    }

    internal Task<IReadOnlyList<JournalEntry>> HistoryAsync() =>
        Changer.ReadJournalAsync(Target, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Changer.Dispose();
        await Host.DisposeAsync();
        _credential.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
