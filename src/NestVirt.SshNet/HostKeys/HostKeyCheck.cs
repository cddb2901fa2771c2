using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NestVirt.Guidance;
using NestVirt.SshNet.Config;
using NestVirt.Text;
using NestVirt.Transport.Shell.OpenSsh;

namespace NestVirt.SshNet.HostKeys;

/// <summary>Holds a host's key against known_hosts. No key is believed that is not there, unless the user says so.</summary>
/// <param name="settings">How the host is reached.</param>
internal sealed class HostKeyCheck(SshSettings settings)
{
    private static readonly Lock s_writing = new();

    private readonly KnownHosts _known = KnownHosts.Find(
        KnownHosts.LinesOf(settings.KnownHostsFiles),
        settings.HostName,
        settings.Port,
        settings.HostKeyAlias
    );

    /// <summary>Puts the algorithms first that the host is known by, as ssh does: it is then asked for the known key.</summary>
    /// <param name="algorithms">The names of the algorithms.</param>
    /// <returns>The names in the order to offer them.</returns>
    internal IEnumerable<string> Order(IReadOnlyList<string> algorithms)
    {
        HashSet<string> types = [.. _known.KeyTypes];
        return algorithms.OrderBy(algorithm => types.Contains(TypeOf(algorithm)) ? 0 : 1);
    }

    /// <summary>Judges a host's key.</summary>
    /// <param name="key">The key as it is on the wire.</param>
    /// <returns>Why it is not believed; null where it is.</returns>
    internal NestVirtException? FindFault(byte[] key)
    {
        string type = TypeOf(key);
        switch (_known.Judge(type, key))
        {
            case KnownHostVerdict.Known:
                return null;
            case KnownHostVerdict.Changed:
                return SshFailure.Of(SshFault.KeyChanged, string.Empty);
            case KnownHostVerdict.Revoked:
                return SshFailure.Of(SshFault.KeyRevoked, string.Empty);
            case KnownHostVerdict.Authority:
                return NotJudged("known_hosts names an authority for the host's key (@cert-authority)");
            case KnownHostVerdict.Unjudged:
                return NotJudged("known_hosts marks the host in a way that is not known here");
            case var _ when settings.AcceptsNew:
                Add(type, key);
                return null;
            case KnownHostVerdict.OtherType:
                return Unknown(type, key, "The host is known by a key of another type, and showed one");
            default:
                return Unknown(type, key, "No key is known for the host, and none is accepted unseen. It showed one");
        }
    }

    /// <summary>Writes the fingerprint of a key as ssh does.</summary>
    /// <param name="key">The key as it is on the wire.</param>
    /// <returns>The fingerprint.</returns>
    internal static string FingerprintOf(byte[] key) =>
        $"SHA256:{Convert.ToBase64String(SHA256.HashData(key)).TrimEnd('=')}";

    // RFC 8332: both names are for signatures of one type of key.
    private static string TypeOf(string algorithm) =>
        algorithm.StartsWith("rsa-sha2-", StringComparison.Ordinal) ? "ssh-rsa" : algorithm;

    // RFC 4253, 6.6: a key begins with the name of its type.
    private static string TypeOf(byte[] key)
    {
        int length = key.Length < sizeof(int) ? -1 : BinaryPrimitives.ReadInt32BigEndian(key);
        return length < 0 || length > key.Length - sizeof(int)
            ? string.Empty
            : Encoding.ASCII.GetString(key, sizeof(int), length);
    }

    private static NestVirtException NotJudged(string subject) =>
        new(NestVirtErrorKind.HostKeyUnknown, $"{subject}, which the built-in SSH client does not judge.")
        {
            Remedy = Advice.Of($"Use the OpenSSH client for this host, by {HostSetting.SshClient}."),
        };

    private NestVirtException Unknown(string type, byte[] key, string sentence)
    {
        string port = settings.Port == 22 ? string.Empty : FormattableString.Invariant($"-p {settings.Port} ");
        return new NestVirtException(
            NestVirtErrorKind.HostKeyUnknown,
            $"{sentence} of type {HostText.ForDisplay(type, 40)} with the fingerprint {FingerprintOf(key)}."
        )
        {
            Remedy =
                $"Compare the fingerprint with the host's own. If it is the same, connect once with ssh, or add the key: ssh-keyscan {port}{settings.HostName} >> {(settings.KnownHostsFiles is [var file, ..] ? file : "~/.ssh/known_hosts")}",
        };
    }

    private void Add(string type, byte[] key)
    {
        if (settings.KnownHostsFiles is not [var path, ..])
        {
            return;
        }

        string name = settings.HostKeyAlias ?? KnownHosts.Spell(settings.HostName, settings.Port);
        lock (s_writing)
        {
            try
            {
                byte[] old = File.Exists(path) ? File.ReadAllBytes(path) : [];
                string end = old.Length == 0 || old[^1] == '\n' ? string.Empty : "\n";
                byte[] line = Encoding.UTF8.GetBytes($"{end}{name} {type} {Convert.ToBase64String(key)}\n");
                WholeFile.Write(path, [.. old, .. line], overwrite: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // ssh too goes on where the file cannot be written: the user asked for the host to be believed.
            }
        }
    }
}
