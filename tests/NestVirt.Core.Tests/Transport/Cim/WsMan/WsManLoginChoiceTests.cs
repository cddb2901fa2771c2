using NestVirt.Hosts;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan;

public sealed class WsManLoginChoiceTests
{
    [Theory]
    [InlineData("Default", false, true, "Ntlm")]
    [InlineData("Default", true, true, "Ntlm")]
    [InlineData("Negotiate", false, true, "Ntlm")]
    [InlineData("Negotiate", true, true, "Ntlm")]
    [InlineData("NtlmDomain", false, true, "Ntlm")]
    [InlineData("NtlmDomain", true, true, "Ntlm")]
    [InlineData("Basic", true, true, "Basic")]
    [InlineData("Kerberos", true, true, "Kerberos")]
    [InlineData("Kerberos", true, false, "Kerberos")]
    [InlineData("Default", true, false, "Kerberos")]
    [InlineData("Negotiate", true, false, "Kerberos")]
    public void Choose_takes(string authentication, bool usesSsl, bool hasPassword, string expected) =>
        Assert.Equal(expected, Choose(authentication, usesSsl, hasPassword).ToString());

    [Theory]
    [Trait("Category", "Security")]
    [InlineData("Basic", false, true, "HTTPS")]
    [InlineData("Basic", false, false, "HTTPS")]
    [InlineData("Basic", true, false, "password")]
    [InlineData("NtlmDomain", false, false, "password")]
    [InlineData("NtlmDomain", true, false, "password")]
    [InlineData("Kerberos", false, false, "HTTPS")]
    [InlineData("Kerberos", false, true, "HTTPS")]
    [InlineData("Default", false, false, "NTLM")]
    [InlineData("Negotiate", false, false, "NTLM")]
    public void Choose_refuses_and_names_the_way_out(
        string authentication,
        bool usesSsl,
        bool hasPassword,
        string named
    )
    {
        NestVirtException error = Assert.Throws<NestVirtException>(() => Choose(authentication, usesSsl, hasPassword));

        Assert.Equal(NestVirtErrorKind.HostAuthenticationFailed, error.Kind);
        Assert.Contains(named, $"{error.Message} {error.Remedy}", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Kerberos", false, true)]
    [InlineData("NtlmDomain", false, true)]
    [InlineData("Basic", false, false)]
    public void A_refusal_names_Windows_own_client_where_it_is_here_and_does_it(
        string authentication,
        bool hasPassword,
        bool isNamed
    )
    {
        string? Remedy(bool isHere) =>
            Assert.Throws<NestVirtException>(() => Choose(authentication, usesSsl: false, hasPassword, isHere)).Remedy;

        Assert.Equal(isNamed, Remedy(true)!.Contains("Windows' own client", StringComparison.Ordinal));
        Assert.DoesNotContain("Windows' own client", Remedy(false), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(@"LAB\anna", "anna", "LAB")]
    [InlineData(@".\anna", "anna", "")]
    [InlineData("anna@lab.test", "anna@lab.test", "")]
    [InlineData("anna", "anna", "")]
    public void Read_takes_each_form_of_an_account(string text, string user, string domain) =>
        Assert.Equal(new WsManUserName(user, domain), WsManUserName.Read(text));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(@"LAB\")]
    [InlineData("an\r\nna")]
    public void Read_refuses_what_is_no_account(string? text) =>
        Assert.Equal(
            NestVirtErrorKind.HostAuthenticationFailed,
            Assert.Throws<NestVirtException>(() => WsManUserName.Read(text)).Kind
        );

    [Theory]
    [InlineData("hv1", false, null, "http://hv1:5985/wsman")]
    [InlineData("hv1.lab.test", true, null, "https://hv1.lab.test:5986/wsman")]
    [InlineData("fe80::1", false, 80, "http://[fe80::1]/wsman")]
    public void ToAddress_names_the_usual_port(string host, bool usesSsl, int? port, string address) =>
        Assert.Equal(
            new Uri(address),
            new WsManConnectionOptions
            {
                Host = host,
                UseSsl = usesSsl,
                Port = port,
            }.ToAddress()
        );

    [Theory]
    [InlineData("")]
    [InlineData("me@hv1")]
    [InlineData("hv1/other")]
    [InlineData("hv1:99")]
    [InlineData("h v1")]
    public void ToAddress_refuses_what_is_no_host(string host) =>
        Assert.Equal(
            NestVirtErrorKind.HostNameInvalid,
            Assert.Throws<NestVirtException>(() => new WsManConnectionOptions { Host = host }.ToAddress()).Kind
        );

    private static WsManLoginMethod Choose(
        string authentication,
        bool usesSsl,
        bool hasPassword,
        bool hasOtherClient = false
    )
    {
        using HostCredential credential = new("anna", "secret");
        return WsManLoginChoice.Choose(
            new WsManConnectionOptions
            {
                Host = "hv1",
                UseSsl = usesSsl,
                Authentication = Enum.Parse<WsManAuthentication>(authentication),
                Credential = hasPassword ? credential : null,
                HasOtherClient = hasOtherClient,
            }
        );
    }
}
