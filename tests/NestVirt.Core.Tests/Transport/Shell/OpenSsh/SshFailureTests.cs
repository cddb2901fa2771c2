using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.Core.Tests.Transport.Shell.OpenSsh;

/// <summary>
/// What ssh clients say. The lines of 9.2 were seen on Debian 12; those of other versions are the format strings of the
/// sources of openssh-portable at the tags V_7_4_P1, V_8_0_P1, V_9_8_P1 and V_10_0_P2.
/// </summary>
public sealed class SshFailureTests
{
    private const string Changed = """
        @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
        @    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
        @@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
        IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!

        """;

    private const string NotVerified = "Host key verification failed.\r\n";

    public static TheoryData<string, NestVirtErrorKind, string> Sayings =>
        new()
        {
            // sshconnect.c, 9.2
            {
                Changed
                    + "Host key for [127.0.0.1]:22755 has changed and you have requested strict checking.\r\nHost key verification failed.\r\n",
                NestVirtErrorKind.HostKeyMismatch,
                "is not the one known"
            },
            // sshconnect.c, 7.4 and 8.0 name the key's type
            {
                "ECDSA host key for kvm1 has changed and you have requested strict checking.\r\nHost key verification failed.\r\n",
                NestVirtErrorKind.HostKeyMismatch,
                "is not the one known"
            },
            {
                "ED25519 host key for [127.0.0.1]:22755 was revoked and you have requested strict checking.\r\nHost key verification failed.\r\n",
                NestVirtErrorKind.HostKeyMismatch,
                "revoked"
            },
            { "Host key verification failed.\r\n", NestVirtErrorKind.HostKeyUnknown, "No key is known" },
            {
                "No ED25519 host key is known for [127.0.0.1]:22755 and you have requested strict checking.\r\nHost key verification failed.\r\n",
                NestVirtErrorKind.HostKeyUnknown,
                "No key is known"
            },
            // sshconnect2.c: without user and host in 7.4
            {
                "Warning: Permanently added '[127.0.0.1]:22755' (ED25519) to the list of known hosts.\r\nroot@127.0.0.1: Permission denied (publickey).\r\n",
                NestVirtErrorKind.HostAuthenticationFailed,
                "The host refused the log-in: root@127.0.0.1"
            },
            {
                "Permission denied (publickey,gssapi-keyex,gssapi-with-mic,password).\r\n",
                NestVirtErrorKind.HostAuthenticationFailed,
                "publickey,gssapi-keyex"
            },
            {
                "root@127.0.0.1: Permission denied (publickey).\r\n",
                NestVirtErrorKind.HostAuthenticationFailed,
                "root@127.0.0.1"
            },
            {
                "Warning: Identity file /nonexistent not accessible: No such file or directory.\nroot@127.0.0.1: Permission denied (publickey).\r\n",
                NestVirtErrorKind.HostAuthenticationFailed,
                "/nonexistent not accessible"
            },
            {
                "This private key will be ignored.\r\nLoad key \"/k/key\": bad permissions\r\nroot@127.0.0.1: Permission denied (publickey).\r\n",
                NestVirtErrorKind.HostAuthenticationFailed,
                "bad permissions"
            },
            {
                "Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures\r\nDisconnected from 192.0.2.1 port 22\r\n",
                NestVirtErrorKind.HostAuthenticationFailed,
                "Too many"
            },
            {
                "ssh: connect to host 127.0.0.1 port 1: Connection refused\r\n",
                NestVirtErrorKind.HostUnreachable,
                "Connection refused"
            },
            {
                "ssh: connect to host 192.0.2.1 port 22: Connection timed out\r\n",
                NestVirtErrorKind.HostUnreachable,
                "timed out"
            },
            {
                "ssh: connect to host 192.0.2.1 port 22: No route to host\r\n",
                NestVirtErrorKind.HostUnreachable,
                "No route"
            },
            {
                "ssh: Could not resolve hostname no-such-host.invalid: Name or service not known\r\n",
                NestVirtErrorKind.HostUnreachable,
                "no-such-host.invalid"
            },
            {
                "Unable to negotiate with 127.0.0.1 port 22755: no matching host key type found. Their offer: ssh-ed25519\r\n",
                NestVirtErrorKind.HostUnreachable,
                "Their offer"
            },
            {
                "kex_exchange_identification: banner line too long\r\nbanner exchange: Connection to 127.0.0.1 port 19004: invalid format\r\n",
                NestVirtErrorKind.HostUnreachable,
                "not an SSH server"
            },
            {
                "command-line: line 0: Bad configuration option: foo\r\n",
                NestVirtErrorKind.SshOptionInvalid,
                "Bad configuration option"
            },
            {
                "/home/u/.ssh/config: line 3: Bad configuration option: foo\r\n/home/u/.ssh/config: terminating, 1 bad configuration options\r\n",
                NestVirtErrorKind.SshOptionInvalid,
                "line 3"
            },
            // readconf.c, 9.2: a value that is none
            { "command-line line 0: integer value invalid.\r\n", NestVirtErrorKind.SshOptionInvalid, "integer value" },
            {
                "Bad owner or permissions on /home/u/.ssh/config\r\n",
                NestVirtErrorKind.SshOptionInvalid,
                "/home/u/.ssh/config"
            },
            // A key that is left out is no reason where the host was never asked
            {
                "Warning: Identity file /k not accessible: No such file or directory.\nssh: connect to host kvm1 port 22: Connection refused\r\n",
                NestVirtErrorKind.HostUnreachable,
                "No SSH server listens"
            },
            {
                "Load key \"/k/key.pub\": invalid format\r\nroot@127.0.0.1: Permission denied (publickey).\r\n",
                NestVirtErrorKind.HostAuthenticationFailed,
                "no private key"
            },
            {
                "ssh: connect to host 192.0.2.1 port 22: Network is unreachable\r\n",
                NestVirtErrorKind.HostUnreachable,
                "no way to the host"
            },
            { "hostname contains invalid characters\r\n", NestVirtErrorKind.HostUnreachable, "invalid characters" },
            { "", NestVirtErrorKind.HostUnreachable, "without a word" },
            // The jump host cannot reach the host, and cannot be reached
            {
                "channel 0: open failed: connect failed: Connection refused\r\nstdio forwarding failed\r\nkex_exchange_identification: Connection closed by remote host\r\nConnection closed by UNKNOWN port 65535\r\n",
                NestVirtErrorKind.HostUnreachable,
                "stdio forwarding failed"
            },
            {
                "ssh: connect to host 127.0.0.1 port 1: Connection refused\r\nkex_exchange_identification: Connection closed by remote host\r\nConnection closed by UNKNOWN port 65535\r\n",
                NestVirtErrorKind.HostUnreachable,
                "Connection refused"
            },
            {
                "Connection timed out during banner exchange\r\nConnection to UNKNOWN port 65535 timed out\r\n",
                NestVirtErrorKind.HostTimeout,
                "banner exchange"
            },
            { "Connection timed out during banner exchange\r\n", NestVirtErrorKind.HostTimeout, "says nothing" },
            { "Timeout, server 192.0.2.1 not responding.\r\n", NestVirtErrorKind.HostTimeout, "not responding" },
            {
                "Connection to 192.0.2.1 closed by remote host.\r\n",
                NestVirtErrorKind.HostConnectionLost,
                "closed by remote host"
            },
        };

    public static TheoryData<string> Refusals =>
        [
            // 7.4, sshconnect.c
            "ssh_exchange_identification: Connection closed by remote host\r\n",
            "ssh_exchange_identification: read: Connection reset by peer\r\n",
            // 8.0 to 9.7, kex.c and packet.c
            "kex_exchange_identification: Connection closed by remote host\r\nConnection closed by 127.0.0.1 port 19005\r\n",
            "kex_exchange_identification: read: Connection reset by peer\r\nConnection reset by 127.0.0.1 port 19006\r\n",
            // Since 9.8 the first line needs -v
            "Connection closed by 127.0.0.1 port 19005\r\n",
            "Connection reset by 127.0.0.1 port 19007\r\n",
        ];

    [Theory]
    [MemberData(nameof(Sayings))]
    public void Explain_knows_what_ssh_says(string said, NestVirtErrorKind kind, string shown)
    {
        NestVirtException error = SshFailure.Explain(255, said);

        Assert.IsType<NestVirtException>(error);
        Assert.Equal(kind, error.Kind);
        Assert.Equal(said.Length == 0 || said.StartsWith("hostname", StringComparison.Ordinal), error.Remedy is null);
        Assert.Contains(shown, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Explain_knows_a_server_that_may_let_us_in_later(string said)
    {
        NestVirtException error = SshFailure.Explain(255, said);

        Assert.IsType<SshRefusedException>(error);
        Assert.Equal(NestVirtErrorKind.HostUnreachable, error.Kind);
    }

    /// <summary>Its banner before the log-in, and all that it prints after that.</summary>
    [Theory]
    [InlineData(Changed + "root@kvm1: Permission denied (publickey).\r\n", NestVirtErrorKind.HostAuthenticationFailed)]
    [InlineData(
        "Authenticated to kvm1 ([192.0.2.1]:22) using \"publickey\".\r\n" + Changed + NotVerified,
        NestVirtErrorKind.HostShellInvalid
    )]
    // 7.4, sshconnect2.c; and behind a jump host
    [InlineData(
        "Authenticated to kvm1 ([192.0.2.1]:22).\r\n" + Changed + NotVerified,
        NestVirtErrorKind.HostShellInvalid
    )]
    [InlineData("Hello\nAuthenticated to kvm1 (via proxy).\r\n" + NotVerified, NestVirtErrorKind.HostShellInvalid)]
    [InlineData(
        "Authenticated to kvm1 ([192.0.2.1]:22).\r\nroot@kvm1: Permission denied (publickey).\r\n",
        NestVirtErrorKind.HostShellInvalid
    )]
    [InlineData(
        "Authenticated to kvm1 ([192.0.2.1]:22).\r\nssh: connect to host kvm2 port 22: Connection refused\r\n",
        NestVirtErrorKind.HostShellInvalid
    )]
    [InlineData(
        "Authenticated to kvm1 ([192.0.2.1]:22).\r\nConnection to kvm1 closed by remote host.\r\nTransferred: sent 3, received 4 bytes, in 1.0 seconds\r\n",
        NestVirtErrorKind.HostConnectionLost
    )]
    [Trait("Category", "Security")]
    public void Explain_does_not_take_the_words_of_a_host_for_those_of_ssh(string said, NestVirtErrorKind kind) =>
        Assert.Equal(kind, SshFailure.Explain(255, said).Kind);

    [Theory]
    [InlineData(
        1,
        "This account is currently not available.",
        "(exit code 1): This account is currently not available."
    )]
    [InlineData(127, "", "(exit code 127).")]
    [InlineData(
        1,
        "'exec' is not recognized as an internal or external command,\r\noperable program or batch file.\r\n",
        "'exec' is not recognized"
    )]
    public void Explain_takes_another_exit_code_for_the_log_in_shell(int exitCode, string said, string shown)
    {
        NestVirtException error = SshFailure.Explain(exitCode, said);

        Assert.Equal(NestVirtErrorKind.HostShellInvalid, error.Kind);
        Assert.Contains(shown, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Security")]
    public void Explain_shows_hostile_words_harmlessly()
    {
        NestVirtException error = SshFailure.Explain(
            1,
            "\u001b]0;owned\u0007\u202e" + new string('x', 100_000) + "\n\u001b[2J" + new string('y', 100_000)
        );

        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.DoesNotContain('\u202e', error.Message);
        Assert.InRange(error.Message.Length, 1, 600);
    }
}
