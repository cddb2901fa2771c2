namespace NestVirt.StandIn.Tests.Kerberos;

/// <summary>The realm and a host of it, made once, when the first test needs them.</summary>
public sealed class KerberosFixture : IAsyncLifetime
{
    private KerberosRealm? _realm;
    private StandInProgram? _host;

    internal KerberosRealm Realm => _realm!;

    /// <summary>Gets the host, which speaks HTTPS and takes Kerberos under each of its names.</summary>
    internal StandInProgram Host => _host!;

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        if (_realm is not null)
        {
            await _realm.DisposeAsync();
        }
    }

    /// <summary>Starts both, if that is still to do.</summary>
    internal async Task StartAsync()
    {
        _realm ??= await KerberosRealm.StartAsync();
        _host ??= await StandInProgram.StartAsync(_realm);
    }
}
