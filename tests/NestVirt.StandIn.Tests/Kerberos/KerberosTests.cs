using System.Diagnostics;
using System.Globalization;
using NestVirt.Core.Tests;

namespace NestVirt.StandIn.Tests.Kerberos;

/// <summary>Our client and the stand-in log in by the Kerberos of this machine, with a key distribution centre on loopback.</summary>
public sealed class KerberosTests(KerberosFixture fixture) : IClassFixture<KerberosFixture>, IAsyncLifetime
{
    private const string Machines = "HV-HOST-1\nvm-0001\nvm-0002\n";

    private KerberosRealm Realm => fixture.Realm;

    private StandInProgram Host => fixture.Host;

    public async ValueTask InitializeAsync()
    {
        Needs.Tools("krb5kdc", "kdb5_util", "kadmin.local", "kinit");
        await fixture.StartAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("Kerberos")]
    [InlineData("Negotiate")]
    [InlineData("Default")]
    public async Task A_ticket_of_the_user_is_enough_over_HTTPS(string authentication)
    {
        await Realm.LogInAsync(KerberosRealm.User, "tickets");

        Assert.Equal(Machines, await AskAsync(Host, authentication, "tickets"));
    }

    [Theory]
    [InlineData(KerberosRealm.User)]
    [InlineData($@"{KerberosRealm.Name}\anna")]
    [InlineData("anna")]
    public async Task A_user_name_and_a_password_get_a_ticket_over_HTTPS(string user)
    {
        Assert.Equal(Machines, await AskAsync(Host, "Kerberos", null, user, KerberosRealm.Password));
    }

    [Fact]
    public async Task A_wrong_password_is_said_to_be_one()
    {
        string answer = await AskAsync(Host, "Kerberos", null, KerberosRealm.User, "wrong");

        Assert.StartsWith(
            "HostAuthenticationFailed: Kerberos gives no ticket for HTTP/localhost to this user name and password",
            answer,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task No_ticket_is_said_so()
    {
        AssertNoTicket(await AskAsync(Host, "Kerberos", "none"));
    }

    [Fact]
    public async Task A_ticket_that_has_expired_is_none()
    {
        await Realm.LogInAsync(KerberosRealm.User, "old", "1s");
        await Task.Delay(TimeSpan.FromSeconds(2));

        AssertNoTicket(await AskAsync(Host, "Kerberos", "old"));
    }

    [Fact]
    public async Task A_ticket_of_a_realm_that_does_not_know_the_host_is_none()
    {
        await Realm.LogInAsync(KerberosRealm.OtherUser, "elsewhere");

        AssertNoTicket(await AskAsync(Host, "Kerberos", "elsewhere"));
    }

    [Fact]
    public async Task A_host_of_another_name_has_no_ticket()
    {
        await Realm.LogInAsync(KerberosRealm.User, "tickets");
        Uri byNumber = new UriBuilder(Host.Address) { Host = "127.0.0.1" }.Uri;

        string answer = await AskAsync(byNumber, Host.Thumbprint, "Kerberos", "tickets");

        Assert.Contains("HTTP/127.0.0.1", answer, StringComparison.Ordinal);
        Assert.StartsWith("HostAuthenticationFailed: ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_of_others_logs_in_by_SPNEGO_and_is_not_let_in_without()
    {
        Needs.Tools("curl");
        await Realm.LogInAsync(KerberosRealm.User, "tickets");

        Assert.Equal(401, await CurlAsync());
        Assert.Equal(200, await CurlAsync("--negotiate", "--user", ":"));
    }

    [Fact]
    public async Task A_host_that_takes_Kerberos_alone_says_so_to_NTLM()
    {
        await using StandInProgram host = await StandInProgram.StartAsync(Realm, schemes: "Kerberos");

        string answer = await AskAsync(host, "Default", null, KerberosRealm.User, KerberosRealm.Password);

        Assert.StartsWith(
            "HostAuthenticationFailed: The host does not take Negotiate; it offers Kerberos.",
            answer,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("tickets", null)]
    [InlineData(null, KerberosRealm.User)]
    public async Task Over_HTTP_it_is_refused_and_HTTPS_and_NTLM_are_named(string? tickets, string? user)
    {
        await Realm.LogInAsync(KerberosRealm.User, "tickets");

        // Nobody listens at port 1: it is refused before anything is sent.
        string answer = await AskAsync(
            new Uri("http://localhost:1/wsman"),
            null,
            "Kerberos",
            tickets,
            user,
            KerberosRealm.Password
        );

        Assert.StartsWith("HostAuthenticationFailed: Kerberos is not used over HTTP", answer, StringComparison.Ordinal);
        Assert.Contains("Use HTTPS by", answer, StringComparison.Ordinal);
    }

    private async Task<int> CurlAsync(params string[] login)
    {
        ProcessStartInfo start = Realm.Command(
            "curl",
            [
                .. (string[])["--silent", "--insecure", "--output", "/dev/null", "--write-out", "%{http_code}"],
                .. (string[])["--header", "Content-Type: application/soap+xml;charset=UTF-8"],
                .. (string[])["--data", Envelopes.Identify],
                .. login,
                Host.Address.ToString(),
            ],
            "tickets"
        );
        using Process process = Process.Start(start)!;
        string status = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return int.Parse(status, CultureInfo.InvariantCulture);
    }

    private static void AssertNoTicket(string answer)
    {
        Assert.StartsWith(
            "HostAuthenticationFailed: There is no Kerberos ticket for HTTP/localhost",
            answer,
            StringComparison.Ordinal
        );
        Assert.Contains("kinit", answer, StringComparison.Ordinal);
    }

    private Task<string> AskAsync(
        StandInProgram host,
        string authentication,
        string? tickets,
        string? user = null,
        string? password = null
    ) => AskAsync(host.Address, host.Thumbprint, authentication, tickets, user, password);

    private async Task<string> AskAsync(
        Uri address,
        string? thumbprint,
        string authentication,
        string? tickets,
        string? user = null,
        string? password = null
    )
    {
        string program = Path.Combine(AppContext.BaseDirectory, "NestVirt.WsManQuery.dll");
        string[] arguments = [program, address.ToString(), authentication, thumbprint ?? string.Empty, user ?? ""];
        using Process process = Process.Start(Realm.Command("dotnet", arguments, tickets))!;
        await process.StandardInput.WriteLineAsync(password ?? string.Empty);
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal("", errors);
        return await output;
    }
}
