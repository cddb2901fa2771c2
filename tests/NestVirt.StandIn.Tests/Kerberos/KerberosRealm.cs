using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace NestVirt.StandIn.Tests.Kerberos;

/// <summary>A key distribution centre of MIT Kerberos on loopback, with two realms that know nothing of each other.</summary>
internal sealed class KerberosRealm : IAsyncDisposable
{
    internal const string Name = "NESTVIRT.TEST";
    internal const string User = $"anna@{Name}";
    internal const string Password = "pass word 42";
    internal const string OtherName = "ELSEWHERE.TEST";
    internal const string OtherUser = $"otto@{OtherName}";

    private readonly string _folder = Directory.CreateTempSubdirectory("nestvirt-kdc-").FullName;
    private readonly int _port = FreePort();
    private Process? _server;

    private KerberosRealm() { }

    /// <summary>Makes the realms and starts their server.</summary>
    internal static async Task<KerberosRealm> StartAsync()
    {
        KerberosRealm realm = new();
        realm.WriteSettings();
        foreach (string name in (string[])[Name, OtherName])
        {
            await realm.RunAsync("kdb5_util", ["-r", name, "create", "-s", "-P", "master"]);
        }

        await realm.AdministerAsync(Name, "addprinc", "-pw", Password, User);
        await realm.AdministerAsync(Name, "addprinc", "-randkey", $"HTTP/localhost@{Name}");
        await realm.AdministerAsync(Name, "ktadd", "-k", realm.At("keytab"), $"HTTP/localhost@{Name}");
        await realm.AdministerAsync(OtherName, "addprinc", "-pw", Password, OtherUser);
        realm._server = Process.Start(realm.Command("krb5kdc", ["-n", "-r", Name, "-r", OtherName]))!;
        await realm.WaitAsync();
        return realm;
    }

    /// <summary>Makes the command line of a program that knows the realms.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">What it is told.</param>
    /// <param name="tickets">The cache of the user's tickets; null for one that is not there.</param>
    internal ProcessStartInfo Command(string program, IEnumerable<string> arguments, string? tickets = null) =>
        new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["PATH"] = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin",
                ["KRB5_CONFIG"] = At("krb5.conf"),
                ["KRB5_KDC_PROFILE"] = At("kdc.conf"),
                ["KRB5_KTNAME"] = $"FILE:{At("keytab")}",
                ["KRB5CCNAME"] = $"FILE:{At(tickets ?? "none")}",
                ["KRB5RCACHENAME"] = "none:",
            },
        };

    /// <summary>Logs in as <c>kinit</c> does.</summary>
    /// <param name="user">The user.</param>
    /// <param name="tickets">The cache of the tickets.</param>
    /// <param name="lifetime">How long the ticket lasts.</param>
    internal Task LogInAsync(string user, string tickets, string lifetime = "10m") =>
        RunAsync("kinit", ["-l", lifetime, user], tickets, Password);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
        {
            server.Kill();
            await server.WaitForExitAsync();
            server.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private string At(string file) => Path.Combine(_folder, file);

    private void WriteSettings()
    {
        string server = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");
        File.WriteAllText(
            At("krb5.conf"),
            $$"""
            [libdefaults]
            default_realm = {{Name}}
            dns_lookup_kdc = false
            dns_lookup_realm = false
            dns_canonicalize_hostname = false
            rdns = false
            udp_preference_limit = 1
            [realms]
            {{Name}} = {
              kdc = {{server}}
            }
            {{OtherName}} = {
              kdc = {{server}}
            }
            [domain_realm]
            localhost = {{Name}}

            """
        );
        File.WriteAllText(
            At("kdc.conf"),
            $$"""
            [kdcdefaults]
            kdc_listen = ""
            kdc_tcp_listen = {{server}}
            [realms]
            {{Name}} = {
              database_name = {{At("principals")}}
              key_stash_file = {{At("stash")}}
            }
            {{OtherName}} = {
              database_name = {{At("other-principals")}}
              key_stash_file = {{At("other-stash")}}
            }
            [logging]
            kdc = FILE:{{At("kdc.log")}}
            admin_server = FILE:{{At("admin.log")}}

            """
        );
    }

    private Task AdministerAsync(string realm, params string[] arguments) =>
        RunAsync("kadmin.local", ["-r", realm, .. arguments]);

    private async Task RunAsync(string program, string[] arguments, string? tickets = null, string input = "")
    {
        using Process process = Process.Start(Command(program, arguments, tickets))!;
        await process.StandardInput.WriteLineAsync(input);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await output;
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors}");
    }

    private async Task WaitAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        while (true)
        {
            using TcpClient client = new();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, _port, limit.Token);
                return;
            }
            catch (SocketException)
            {
                Assert.False(_server!.HasExited, "krb5kdc has ended");
                await Task.Delay(50, limit.Token);
            }
        }
    }
}
