using NestVirt.Hosts;
using NestVirt.Transport;

namespace NestVirt.Core.Tests.Transport;

public sealed class CimClientChoiceTests
{
    private static readonly WsManAddress s_host = new("hv1");

    [Theory]
    [InlineData(null, false, true, CimClient.Mi, "with the log-in and the policy of this machine")]
    [InlineData(null, false, false, CimClient.WsMan, "since Windows' own is not here")]
    [InlineData(null, true, true, CimClient.WsMan, "since it takes the certificates that were given")]
    [InlineData(null, true, false, CimClient.WsMan, "since Windows' own is not here")]
    [InlineData(CimClient.WsMan, false, true, CimClient.WsMan, "as asked for")]
    [InlineData(CimClient.Mi, true, true, CimClient.Mi, "as asked for")]
    public void Of_takes_what_is_asked_for_what_fits_or_what_is_there(
        CimClient? asked,
        bool isPinned,
        bool isWindows,
        CimClient chosen,
        string reason
    ) =>
        Assert.Equal(
            new CimClientChoice(chosen, reason),
            CimClientChoice.Of(
                s_host with
                {
                    Client = asked,
                    CertificateThumbprint = isPinned ? "12" : null,
                },
                isWindows
            )
        );

    [Fact]
    public void A_session_of_the_user_takes_the_client_that_it_is_of() =>
        Assert.Equal(
            CimClient.Mi,
            CimClientChoice.Of(s_host with { Session = new object(), Client = CimClient.WsMan }, isWindows: true).Client
        );

    [Fact]
    [Trait("Category", "Security")]
    public void Windows_client_is_not_taken_where_it_would_not_look_at_what_pins_the_host()
    {
        WsManAddress pinned = s_host with { Client = CimClient.Mi, AuthorityFilePath = "ca.pem" };

        NestVirtException error = Assert.Throws<NestVirtException>(() =>
            CimClientChoice.Of(pinned, isWindows: true).ThrowIfUseless(pinned)
        );

        Assert.Equal(NestVirtErrorKind.HostCertificateUntrusted, error.Kind);
        Assert.Contains("WsMan", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Windows_client_is_refused_where_it_is_not_in_a_sentence_that_names_the_other()
    {
        HostTarget target = new("hv1", s_host with { Client = CimClient.Mi });

        NestVirtException error = await Assert.ThrowsAsync<NestVirtException>(() =>
            CimLogin.OpenAsync(target, CancellationToken.None)
        );

        Assert.Equal(NestVirtErrorKind.ToolNotFound, error.Kind);
        Assert.Contains("WsMan", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wsman:hv1", true, true)]
    [InlineData("wsman:hv1", false, true)]
    [InlineData("local:", true, true)]
    [InlineData("local:", false, false)]
    [InlineData("kvm1", true, false)]
    [InlineData("snapshot:hv1.json", true, false)]
    [InlineData("root:tree", true, false)]
    public void A_Hyper_V_host_is_reached_by_its_classes_and_this_machine_where_it_is_one(
        string word,
        bool isWindows,
        bool isReached
    )
    {
        Assert.True(HostTarget.TryParse(word, out HostTarget? target));
        Assert.Equal(isReached, CimLogin.Reaches(target.Address, isWindows));
    }

    [Fact]
    public void Describe_says_which_client_and_why() =>
        Assert.Equal(
            "over WsMan, with HTTP and the user's Kerberos ticket, through the built-in client (WsMan), since Windows' own is not here",
            HostConnector.Describe(new HostTarget("hv1", s_host))
        );
}
