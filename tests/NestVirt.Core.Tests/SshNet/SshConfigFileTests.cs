using NestVirt.Hosts;
using NestVirt.SshNet.Config;

namespace NestVirt.Core.Tests.SshNet;

/// <summary>The ssh configuration, read without ssh; what ssh itself says of the same files is the measure where it is there.</summary>
public sealed class SshConfigFileTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory().FullName;

    public SshConfigFileTests() => Directory.CreateDirectory(Path.Combine(_home, ".ssh"));

    public void Dispose() => Directory.Delete(_home, recursive: true);

    public static TheoryData<string> Configurations =>
        [
            "Host kvm1\n  HostName 10.0.0.1\n  User admin\n  Port 2222\n",
            "User first\nHost *\n  User second\n",
            "host=kvm1\nhostname=10.0.0.1\nPort = 2222\n",
            "Host kvm? !kvm2\n  User admin\nHost kvm*\n  Port 2022\n",
            "Host !kvm1 *\n  User other\n",
            "Host \"kvm1\"\n  IdentityFile \"/keys/my key\"\n  IdentityFile /keys/%h\n",
            "Host kvm1 # a comment\n  User admin # another\n",
            "# Host kvm1\n\n   Host\tkvm1  \n\tUser\tadmin\n",
            "Host *.example\n  User no\nHost KVM1\n  User no\n",
            "Host kvm1\n  HostName %h.example\n",
            "Match all\n  User admin\n",
            "Match host kvm1\n  User admin\nMatch host kvm2\n  Port 99\n",
            "Host kvm1\n  HostName kvm9\nMatch host kvm9\n  User nine\nMatch originalhost kvm1\n  Port 2222\n",
            "Host kvm1\n  User admin\nMatch user admin\n  Port 2222\n",
            "Match canonical all\n  User no\n",
            "Host kvm1\n  ProxyJump gate\n",
            "Host kvm1\n  ProxyCommand none\n  HostKeyAlias other\n  StrictHostKeyChecking accept-new\n",
            "Include more\nUser last\n",
            "Host kvm2\n  Include more\nHost *\n  User last\n",
            "Host kvm1\n  Include conf.d/*.conf none\n",
            "Include more more\n",
        ];

    [Theory]
    [MemberData(nameof(Configurations))]
    public async Task The_files_say_what_ssh_says(string text)
    {
        Needs.Tools("ssh");
        WriteFiles(text);
        string config = Path.Combine(_home, ".ssh", "config");

        // What ssh includes by a relative name is in the user's own folder.
        string told = await AskSshAsync(WithWholePaths(text), config);

        SshConfigValues expected = SshConfigValues.Parse(told);
        SshConfigValues read = Read();
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        Assert.Equal(Shown(Settings(expected, home)), Shown(Settings(read, home)));
        Assert.Equal(expected.First("proxyjump"), read.First("proxyjump"));
        Assert.Equal(expected.First("proxycommand"), read.First("proxycommand"));
        Assert.Empty(read.Unjudged);
    }

    [Theory]
    [InlineData("Match exec true\n  User x\n", "Match exec")]
    [InlineData("Match host kvm1 exec true\n  User x\n", "Match exec")]
    [InlineData("Match tagged x\n  User x\n", "Match tagged")]
    [InlineData("Match host kvm2 exec true\n  User x\n", null)]
    [InlineData("Host kvm2\n  ProxyJump gate\n", null)]
    [InlineData("Host kvm1\n  ProxyJump gate\n", "ProxyJump")]
    [InlineData("Host *\n  ProxyCommand nc %h %p\n", "ProxyCommand")]
    [InlineData("KnownHostsCommand /bin/x\n", "KnownHostsCommand")]
    [InlineData("RevokedHostKeys /x\n", "RevokedHostKeys")]
    [InlineData("CertificateFile /x\n", null)]
    public void What_a_host_needs_and_is_not_done_is_named(string text, string? needed)
    {
        WriteFiles(text);

        Exception? error = Record.Exception(() => SshFeatures.ThrowIfNotDone(Read()));

        Assert.Equal(
            needed is null
                ? null
                : $"The ssh configuration reaches this host by {needed}, which is not done by the built-in SSH client.",
            error?.Message
        );
        Assert.True(error is null or NestVirtException { Kind: NestVirtErrorKind.SshOptionInvalid });
    }

    [Theory]
    [InlineData("StrictHostKeyChecking=yes", null)]
    [InlineData("userknownhostsfile=/x", null)]
    [InlineData("ProxyJump=none", null)]
    [InlineData("ProxyJump=gate", "ProxyJump=gate")]
    [InlineData("VerifyHostKeyDNS=yes", "VerifyHostKeyDNS=yes")]
    [InlineData("NoHostAuthenticationForLocalhost=yes", "NoHostAuthenticationForLocalhost=yes")]
    [InlineData("Ciphers=aes128-ctr", "Ciphers=aes128-ctr")]
    [InlineData("Foo=bar", "Foo=bar")]
    public void An_option_that_is_not_done_is_refused(string option, string? refused)
    {
        HostTarget target = new("kvm1", new SshAddress("kvm1") { Options = [option] });

        Exception? error = Record.Exception(() => SshFeatures.ThrowIfNotDone(target));

        Assert.Equal(
            refused is null ? null : $"The ssh option {refused} is not done by the built-in SSH client.",
            error?.Message
        );
    }

    [Fact]
    public void The_users_own_options_come_before_the_files()
    {
        WriteFiles("Host kvm1\n  User admin\n  Port 2222\n  HostKeyAlias a\n");
        HostTarget target = new("kvm1", new SshAddress("10.0.0.9") { Port = 22, Options = ["HostKeyAlias=\"b\""] });

        SshSettings settings = SshSettings.Of(
            target,
            "root",
            SshSettingsReader.ReadFiles(target, _home, _home),
            _home,
            _home
        );

        Assert.Equal(
            ("10.0.0.9", 22, "root", "b"),
            (settings.HostName, settings.Port, settings.UserName, settings.HostKeyAlias)
        );
    }

    [Theory]
    [InlineData("~/.ssh/more")]
    [InlineData(@"~\.ssh\more")]
    public void A_tilde_of_an_included_file_is_the_home_folder(string path)
    {
        WriteFiles($"Include {path}\n");

        Assert.Equal("included", Read().First("user"));
    }

    [Fact]
    public void A_file_that_includes_itself_is_an_error_and_not_the_end()
    {
        WriteFiles("Include config\n");

        Assert.NotEmpty(Read().Unjudged);
    }

    private static string Shown(SshSettings settings) =>
        string.Join(
            '\n',
            [
                settings.HostName,
                $"{settings.Port}",
                settings.UserName,
                settings.HostKeyAlias ?? "-",
                $"{settings.AcceptsNew}",
                .. settings.KnownHostsFiles,
                .. settings.KeyFiles.Where(static key =>
                    !Path.GetFileName(key).StartsWith("id_", StringComparison.Ordinal)
                ),
            ]
        );

    private static SshSettings Settings(SshConfigValues values, string home) =>
        SshSettings.Of(new HostTarget("kvm1", new SshAddress("kvm1")), null, values, home, "/etc/ssh");

    private SshConfigValues Read() =>
        SshSettingsReader.ReadFiles(new HostTarget("kvm1", new SshAddress("kvm1")), _home, Path.Combine(_home, "none"));

    private void WriteFiles(string text)
    {
        string folder = Path.Combine(_home, ".ssh");
        Directory.CreateDirectory(Path.Combine(folder, "conf.d"));
        File.WriteAllText(Path.Combine(folder, "config"), text);
        File.WriteAllText(Path.Combine(folder, "more"), "User included\nHost kvm1\n  Port 77\n");
        File.WriteAllText(Path.Combine(folder, "conf.d", "b.conf"), "User b\n");
        File.WriteAllText(Path.Combine(folder, "conf.d", "a.conf"), "User a\n");
        File.WriteAllText(Path.Combine(folder, "conf.d", "a.old"), "User old\nPort 1\n");
    }

    private string WithWholePaths(string text) =>
        text.Replace("more", Path.Combine(_home, ".ssh", "more"), StringComparison.Ordinal)
            .Replace("conf.d", Path.Combine(_home, ".ssh", "conf.d"), StringComparison.Ordinal);

    private static async Task<string> AskSshAsync(string text, string config)
    {
        await File.WriteAllTextAsync($"{config}.ssh", text);
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("ssh", ["-F", $"{config}.ssh", "-G", "kvm1"])
            {
                RedirectStandardOutput = true,
            }
        )!;
        string told = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return told;
    }
}
