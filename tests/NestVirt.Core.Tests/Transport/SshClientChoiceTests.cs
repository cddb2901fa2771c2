using NestVirt.Hosts;
using NestVirt.Transport;

namespace NestVirt.Core.Tests.Transport;

public sealed class SshClientChoiceTests
{
    [Theory]
    [InlineData(null, false, true, SshClient.OpenSsh, "with the user's own configuration")]
    [InlineData(null, false, false, SshClient.Library, "since there is no ssh on PATH")]
    [InlineData(null, true, true, SshClient.Library, "since it takes the password or the passphrase that was given")]
    [InlineData(SshClient.Library, false, true, SshClient.Library, "as asked for")]
    [InlineData(SshClient.OpenSsh, false, false, SshClient.OpenSsh, "as asked for")]
    public void Of_takes_what_is_asked_for_what_fits_or_what_is_there(
        SshClient? asked,
        bool hasPassword,
        bool hasSsh,
        SshClient chosen,
        string reason
    )
    {
        using HostCredential credential = new("root", hasPassword ? "secret" : string.Empty);
        SshAddress address = new("kvm1") { Client = asked, Credential = credential };

        Assert.Equal(new SshClientChoice(chosen, reason), SshClientChoice.Of(address, hasSsh));
    }

    [Fact]
    public void A_password_that_is_cleared_chooses_nothing()
    {
        HostCredential credential = new("root", "secret");
        credential.Dispose();

        Assert.Equal(
            SshClient.OpenSsh,
            SshClientChoice.Of(new SshAddress("kvm1") { Credential = credential }, true).Client
        );
    }

    [Fact]
    public void The_OpenSSH_client_is_given_no_password()
    {
        using HostCredential credential = new("root", "secret");
        HostTarget target = new("kvm1", new SshAddress("kvm1") { Client = SshClient.OpenSsh, Credential = credential });

        NestVirtException error = Assert.Throws<NestVirtException>(() =>
            HostConnector.Default.OpenAsync(target, default).GetAwaiter().GetResult()
        );

        Assert.Equal(NestVirtErrorKind.SshOptionInvalid, error.Kind);
    }
}
