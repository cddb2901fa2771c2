using NestVirt.Hosts;
using NestVirt.StandIn.Authentication;
using NestVirt.StandIn.Machine;
using NestVirt.Transport.Cim;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.StandIn.Tests.Client;

/// <summary>A stand-in, and our client to it.</summary>
internal sealed class ClientHost : IAsyncDisposable
{
    internal const string Space = "root/virtualization/v2";
    internal const string User = "administrator";
    internal const string Password = "pass word é";

    private readonly HostCredential _credential = new(User, Password);

    private ClientHost(StandInHost host, WsManConnectionOptions options)
    {
        Host = host;
        Session = new WsManSession(new WsManHttpChannel(options with { Port = host.Port, Credential = _credential }));
    }

    internal StandInHost Host { get; }

    internal WsManSession Session { get; }

    /// <summary>Starts one that seals messages over HTTP by NTLM.</summary>
    internal static async Task<ClientHost> OverHttpAsync(
        HyperVMachine machine,
        Variants? variants = null,
        Action<StandInOptions>? set = null
    )
    {
        StandInOptions options = new()
        {
            Authentication = new NtlmAuthentication(User, Password),
            Variants = variants ?? new Variants(),
        };
        set?.Invoke(options);
        return new ClientHost(
            await StandInHost.StartAsync(machine, options),
            new WsManConnectionOptions { Host = "127.0.0.1" }
        );
    }

    /// <summary>Starts one with a certificate that nobody vouches for, which the client is told to expect, and Basic.</summary>
    internal static async Task<ClientHost> OverHttpsAsync(HyperVMachine machine, Variants? variants = null)
    {
        StandInOptions options = new()
        {
            Certificate = StandInCertificate.Create(),
            Authentication = new BasicAuthentication(User, Password),
            Variants = variants ?? new Variants(),
        };
        return new ClientHost(
            await StandInHost.StartAsync(machine, options),
            new WsManConnectionOptions
            {
                Host = "127.0.0.1",
                UseSsl = true,
                Authentication = WsManAuthentication.Basic,
                PinnedThumbprint = options.Certificate.GetCertHashString(),
            }
        );
    }

    internal async Task<List<CimInstance>> QueryAsync(string wql)
    {
        List<CimInstance> found = [];
        await foreach (CimInstance instance in Session.QueryAsync(Space, wql, CancellationToken.None))
        {
            found.Add(instance);
        }

        return found;
    }

    internal async Task<List<CimInstance>> EnumerateAsync(string className)
    {
        List<CimInstance> found = [];
        await foreach (CimInstance instance in Session.EnumerateAsync(Space, className, CancellationToken.None))
        {
            found.Add(instance);
        }

        return found;
    }

    /// <summary>Sets nesting of a VM as a client does: the changed property alone, in an instance as text.</summary>
    internal Task<CimMethodResult> SetNestingAsync(VirtualMachine vm, bool isOn) =>
        Session.InvokeAsync(
            CimPath.Of(
                Space,
                "Msvm_VirtualSystemManagementService",
                ("CreationClassName", "Msvm_VirtualSystemManagementService")
            ),
            "ModifyResourceSettings",
            [
                new CimArgument(
                    "ResourceSettings",
                    CimValue.Of([
                        CimXml.Write(
                            new CimInstance("Msvm_ProcessorSettingData")
                            {
                                ["InstanceID"] = CimValue.Of(vm.Processor.Text("InstanceID")),
                                ["ExposeVirtualizationExtensions"] = CimValue.Of(isOn),
                            }
                        ),
                    ])
                ),
            ],
            CancellationToken.None
        );

    public async ValueTask DisposeAsync()
    {
        await Session.DisposeAsync();
        await Host.DisposeAsync();
        _credential.Dispose();
    }
}
