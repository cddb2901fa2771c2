using System.Net;
using NestVirt.Hosts;
using NestVirt.Transport.Cim.Mi;

namespace NestVirt.Core.Tests.Transport.Cim.Mi;

public sealed class MiLoginTests
{
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(7);

    [Fact]
    public void This_machine_has_no_host_and_so_needs_no_WinRM()
    {
        MiLogin login = MiLogin.Of(HostTarget.Local with { CommandTimeout = s_timeout });

        Assert.Null(login.Host);
        Assert.Null(login.Session);
        Assert.Null(login.ToCredential());
        Assert.Equal(s_timeout, login.Timeout);
    }

    [Fact]
    public void A_session_of_the_user_is_taken_as_it_is()
    {
        object session = new();

        MiLogin login = MiLogin.Of(new HostTarget("hv1", new WsManAddress("hv1") { Session = session }));

        Assert.Same(session, login.Session);
        Assert.Null(login.ToCredential());
    }

    [Theory]
    [InlineData("hv1", null, false)]
    [InlineData("hv1:5986", 5986u, true)]
    [InlineData("https://hv1", null, true)]
    [InlineData("http://hv1:80", 80u, false)]
    public void A_host_is_reached_where_its_word_says(string word, uint? port, bool useSsl)
    {
        MiLogin login = MiLogin.Of(Host(word));

        Assert.Equal(("hv1", port, useSsl), (login.Host, login.Port, login.UseSsl));
        Assert.Null(login.ToCredential());
        Assert.Equal(WsManAuthentication.Default, login.Authentication);
    }

    [Fact]
    public void A_password_is_that_of_its_account()
    {
        using HostCredential credential = new(@"LAB\anna", "päss");
        MiLogin login = MiLogin.Of(
            Host("hv1")
                .WithWsMan(host => host with { Credential = credential, Authentication = WsManAuthentication.Kerberos })
        );

        NetworkCredential given = login.ToCredential()!;

        Assert.Equal(("LAB", "anna", "päss"), (given.Domain, given.UserName, given.Password));
        Assert.Equal(WsManAuthentication.Kerberos, login.Authentication);
    }

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("hv1", true)]
    [InlineData("https://hv1", false)]
    public void A_password_that_others_could_read_is_not_sent_either(string word, bool hasPassword)
    {
        using HostCredential credential = new("anna", "secret");
        HostTarget target = Host(word)
            .WithWsMan(host =>
                host with
                {
                    Authentication = WsManAuthentication.Basic,
                    Credential = hasPassword ? credential : null,
                }
            );

        Assert.Equal(
            NestVirtErrorKind.HostAuthenticationFailed,
            Assert.Throws<NestVirtException>(() => MiLogin.Of(target)).Kind
        );
    }

    [Fact]
    [Trait("Category", "Security")]
    public void A_word_that_names_an_account_is_not_asked_as_another() =>
        Assert.Equal(
            NestVirtErrorKind.HostAuthenticationFailed,
            Assert.Throws<NestVirtException>(() => MiLogin.Of(Host("anna@hv1"))).Kind
        );

    private static HostTarget Host(string word) =>
        HostTarget.TryParseWsMan(word, out HostTarget? target) ? target : throw new FormatException(word);
}
