using System.Security.Cryptography;
using System.Text;
using NestVirt.SshNet.HostKeys;

namespace NestVirt.Core.Tests.SshNet;

public sealed class KnownHostsTests
{
    private const string Type = "ssh-ed25519";

    private static readonly byte[] s_key = KeyOf(Type, 1);
    private static readonly byte[] s_other = KeyOf(Type, 2);

    public static TheoryData<string, string> Lines =>
        new()
        {
            { $"kvm1 {Type} {{key}}", nameof(KnownHostVerdict.Known) },
            { $"  kvm1\t{Type}   {{key}} a comment", nameof(KnownHostVerdict.Known) },
            { $"KVM1 {Type} {{key}}", nameof(KnownHostVerdict.Known) },
            { $"kvm0,kvm1,192.0.2.1 {Type} {{key}}", nameof(KnownHostVerdict.Known) },
            { $"kvm? {Type} {{key}}", nameof(KnownHostVerdict.Known) },
            { $"*,!kvm2 {Type} {{key}}", nameof(KnownHostVerdict.Known) },
            { $"*,!kvm1 {Type} {{key}}", nameof(KnownHostVerdict.Unknown) },
            { $"!kvm1,* {Type} {{key}}", nameof(KnownHostVerdict.Unknown) },
            { $"!kvm2 {Type} {{key}}", nameof(KnownHostVerdict.Unknown) },
            { $"{{hash:kvm1}} {Type} {{key}}", nameof(KnownHostVerdict.Known) },
            { $"{{hash:kvm2}} {Type} {{key}}", nameof(KnownHostVerdict.Unknown) },
            { $"{{hash:kvm1}} {Type} {{other}}", nameof(KnownHostVerdict.Changed) },
            { $"|1|AAAA {Type} {{key}}", nameof(KnownHostVerdict.Unknown) },
            { $"|1|?|? {Type} {{key}}", nameof(KnownHostVerdict.Unknown) },
            { $"kvm11 {Type} {{key}}", nameof(KnownHostVerdict.Unknown) },
            { $"[kvm1]:2222 {Type} {{key}}", nameof(KnownHostVerdict.Unknown) },
            { $"# kvm1 {Type} {{key}}", nameof(KnownHostVerdict.Unknown) },
            { "kvm1 1024 35 1234567", nameof(KnownHostVerdict.Unknown) },
            { $"kvm1 {Type}", nameof(KnownHostVerdict.Unknown) },
            { $"kvm1 {Type} ???", nameof(KnownHostVerdict.Changed) },
            { $"kvm1 {Type} {{other}}", nameof(KnownHostVerdict.Changed) },
            { $"kvm1 {Type} {{other}}\nkvm1 {Type} {{key}}", nameof(KnownHostVerdict.Known) },
            { "kvm1 ssh-rsa {other}", nameof(KnownHostVerdict.OtherType) },
            { $"@revoked kvm1 {Type} {{key}}", nameof(KnownHostVerdict.Revoked) },
            { $"kvm1 {Type} {{key}}\n@revoked * {Type} {{key}}", nameof(KnownHostVerdict.Revoked) },
            { $"kvm1 {Type} {{key}}\n@revoked kvm1 {Type} {{other}}", nameof(KnownHostVerdict.Known) },
            { $"@revoked kvm2 {Type} {{key}}", nameof(KnownHostVerdict.Unknown) },
            { $"@cert-authority kvm1 {Type} {{key}}", nameof(KnownHostVerdict.Authority) },
            { $"@cert-authority * {Type} {{other}}\nkvm1 {Type} {{key}}", nameof(KnownHostVerdict.Known) },
            { $"@cert-authority * {Type} {{other}}\nkvm1 {Type} {{other}}", nameof(KnownHostVerdict.Changed) },
            { $"@certainly kvm1 {Type} {{key}}", nameof(KnownHostVerdict.Unjudged) },
            { $"@certainly kvm2 {Type} {{key}}", nameof(KnownHostVerdict.Unknown) },
        };

    [Theory]
    [MemberData(nameof(Lines))]
    public void Judge_holds_a_key_against_the_lines_about_its_host(string lines, string verdict) =>
        Assert.Equal(verdict, Find(lines, "kvm1", 22).Judge(Type, s_key).ToString());

    [Theory]
    [InlineData("[kvm1]:2222", nameof(KnownHostVerdict.Known))]
    [InlineData("[kvm1]:*", nameof(KnownHostVerdict.Known))]
    [InlineData("{hash:[kvm1]:2222}", nameof(KnownHostVerdict.Known))]
    [InlineData("{hash:kvm1}", nameof(KnownHostVerdict.Known))]
    [InlineData("kvm1", nameof(KnownHostVerdict.Known))]
    [InlineData("[kvm1]:2223", nameof(KnownHostVerdict.Unknown))]
    public void Judge_looks_for_the_port_and_then_without_it(string host, string verdict)
    {
        Assert.Equal(verdict, Find($"{host} {Type} {{key}}", "kvm1", 2222).Judge(Type, s_key).ToString());

        // Another key that is known for the host without its port is one of another server there.
        Assert.Equal(
            host == "kvm1" ? nameof(KnownHostVerdict.Unknown) : verdict,
            Find($"{host} {Type} {{key}}\nkvm1 {Type} {{other}}", "kvm1", 2222)
                .Judge(Type, host == "kvm1" ? KeyOf(Type, 3) : s_key)
                .ToString()
        );
    }

    [Fact]
    public void Judge_looks_for_the_alias_alone()
    {
        KnownHosts known = KnownHosts.Find([Fill($"kvm1 {Type} {{key}}")], "10.0.0.1", 2222, "kvm1");

        Assert.Equal(KnownHostVerdict.Known, known.Judge(Type, s_key));
        Assert.Equal(
            KnownHostVerdict.Unknown,
            KnownHosts.Find([Fill($"10.0.0.1 {Type} {{key}}")], "10.0.0.1", 22, "kvm1").Judge(Type, s_key)
        );
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_no_file_without_the_key()
    {
        string folder = Directory.CreateTempSubdirectory("nestvirt-known-").FullName;
        string file = Path.Combine(folder, "known_hosts");
        using (FileStream made = File.Create(file))
        {
            made.SetLength(17 << 20);
        }

        NestVirtException error = Assert.Throws<NestVirtException>(() => KnownHosts.LinesOf([file]).ToArray());

        Assert.Equal(NestVirtErrorKind.HostKeyUnknown, error.Kind);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void The_lines_that_ssh_writes_itself_are_read()
    {
        Needs.Tools("ssh-keygen");
        string folder = Directory.CreateTempSubdirectory().FullName;
        string file = Path.Combine(folder, "known_hosts");
        File.WriteAllText(file, Fill($"kvm1,[kvm2]:2222 {Type} {{key}}\n"));
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("ssh-keygen", ["-H", "-f", file])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        process.WaitForExit();

        string[] lines = [.. KnownHosts.LinesOf([file, Path.Combine(folder, "none")])];

        Assert.All(lines, static line => Assert.StartsWith("|1|", line, StringComparison.Ordinal));
        Assert.Equal(KnownHostVerdict.Known, KnownHosts.Find(lines, "kvm1", 22).Judge(Type, s_key));
        Assert.Equal(KnownHostVerdict.Known, KnownHosts.Find(lines, "kvm2", 2222).Judge(Type, s_key));
        Assert.Equal(KnownHostVerdict.Unknown, KnownHosts.Find(lines, "kvm2", 22).Judge(Type, s_key));
    }

    [Theory]
    [InlineData("a*c", "abbc", true)]
    [InlineData("a*c", "abbd", false)]
    [InlineData("?", "", false)]
    [InlineData("[ab]", "a", false)]
    [InlineData("A?", "Ab", true)]
    [InlineData("A?", "ab", false)]
    public void Patterns_have_stars_and_question_marks(string pattern, string name, bool fits) =>
        Assert.Equal(fits, NestVirt.SshNet.HostPattern.IsMatch(pattern, name));

    [Fact]
    public void A_pattern_of_many_stars_takes_no_long_time() =>
        Assert.False(
            NestVirt.SshNet.HostPattern.IsMatch(
                string.Concat(Enumerable.Repeat("a*", 1000)) + "b",
                new string('a', 10_000)
            )
        );

    private static KnownHosts Find(string lines, string host, int port) =>
        KnownHosts.Find(Fill(lines).Split('\n'), host, port);

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "The form of known_hosts.")]
    private static string Fill(string lines)
    {
        string filled = lines
            .Replace("{key}", Convert.ToBase64String(s_key), StringComparison.Ordinal)
            .Replace("{other}", Convert.ToBase64String(s_other), StringComparison.Ordinal);
        int start = filled.IndexOf("{hash:", StringComparison.Ordinal);
        if (start < 0)
        {
            return filled;
        }

        int end = filled.IndexOf('}', start);
        byte[] salt = RandomNumberGenerator.GetBytes(20);
        byte[] hash = HMACSHA1.HashData(salt, Encoding.UTF8.GetBytes(filled[(start + 6)..end]));
        return $"{filled[..start]}|1|{Convert.ToBase64String(salt)}|{Convert.ToBase64String(hash)}{filled[(end + 1)..]}";
    }

    private static byte[] KeyOf(string type, byte fill) =>
        [0, 0, 0, (byte)type.Length, .. Encoding.ASCII.GetBytes(type), 0, 0, 0, 32, .. Enumerable.Repeat(fill, 32)];
}
