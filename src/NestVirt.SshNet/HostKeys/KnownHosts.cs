using NestVirt.Text;

namespace NestVirt.SshNet.HostKeys;

/// <summary>What known_hosts files say of a host's key.</summary>
internal enum KnownHostVerdict
{
    /// <summary>It is the known one.</summary>
    Known,

    /// <summary>No line is about the host.</summary>
    Unknown,

    /// <summary>The host is known by keys of other types alone.</summary>
    OtherType,

    /// <summary>The host is known by another key of this type.</summary>
    Changed,

    /// <summary>The key is marked as revoked.</summary>
    Revoked,

    /// <summary>The host is known by the authority that signs its key alone.</summary>
    Authority,

    /// <summary>A line about the host has a marker that is not known here.</summary>
    Unjudged,
}

/// <summary>The lines of known_hosts files that are about one host.</summary>
internal sealed class KnownHosts
{
    private const int LargestFileBytes = 16 << 20;
    private const int StandardPort = 22;

    // A file of this machine that is read beside hundreds of hosts may have to wait; a pipe in its place is waited for in vain.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly KnownHostLine[] _lines;
    private readonly KnownHostLine[] _withoutPort;

    private KnownHosts(KnownHostLine[] lines, KnownHostLine[] withoutPort) =>
        (_lines, _withoutPort) = (lines, withoutPort);

    /// <summary>Gets the types of the keys that the host is known by.</summary>
    internal IEnumerable<string> KeyTypes =>
        _lines.Concat(_withoutPort).Where(static line => line.Marker.Length == 0).Select(static line => line.KeyType);

    /// <summary>Spells a host as known_hosts does.</summary>
    /// <param name="host">The name or address.</param>
    /// <param name="port">The port.</param>
    /// <returns>The name, with the port where that is not 22.</returns>
    internal static string Spell(string host, int port) =>
        port == StandardPort ? host : FormattableString.Invariant($"[{host}]:{port}");

    /// <summary>Finds the lines about a host.</summary>
    /// <param name="lines">The lines of the files.</param>
    /// <param name="host">The name or address that is connected to.</param>
    /// <param name="port">The port.</param>
    /// <param name="alias">The name to look for in place of both; null where there is none.</param>
    /// <returns>What is known of it.</returns>
    internal static KnownHosts Find(IEnumerable<string> lines, string host, int port, string? alias = null)
    {
        string name = alias ?? Spell(host, port);
        List<KnownHostLine> found = [];
        List<KnownHostLine> withoutPort = [];
        foreach (KnownHostLine? line in lines.Select(KnownHostLine.Parse))
        {
            if (line is null)
            {
                continue;
            }

            if (line.IsFor(name))
            {
                found.Add(line);
            }
            else if (alias is null && port != StandardPort && line.IsFor(host))
            {
                withoutPort.Add(line);
            }
        }

        return new KnownHosts([.. found], [.. withoutPort]);
    }

    /// <summary>Reads the lines of files; one that is not there, or may not be read, has none.</summary>
    /// <param name="paths">The files.</param>
    /// <returns>Their lines.</returns>
    /// <exception cref="NestVirtException">One is there, and reading it failed: a key in it must not pass for one that is not known.</exception>
    internal static IEnumerable<string> LinesOf(IEnumerable<string> paths) => paths.SelectMany(LinesOf);

    /// <summary>Judges a host's key.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="key">The key as it is on the wire.</param>
    /// <returns>The verdict. As with ssh, a key that is known for the host without its port is known.</returns>
    internal KnownHostVerdict Judge(string type, byte[] key)
    {
        KnownHostLine[] all = [.. _lines, .. _withoutPort];
        if (all.Any(line => line.Marker == KnownHostLine.Revoked && line.HasKey(key)))
        {
            return KnownHostVerdict.Revoked;
        }

        if (all.Any(static line => line.Marker is not ("" or KnownHostLine.Revoked or KnownHostLine.Authority)))
        {
            return KnownHostVerdict.Unjudged;
        }

        if (all.Any(line => line.Marker.Length == 0 && line.HasKey(key)))
        {
            return KnownHostVerdict.Known;
        }

        KnownHostLine[] plain = [.. _lines.Where(static line => line.Marker.Length == 0)];
        return plain.Any(line => line.KeyType == type) ? KnownHostVerdict.Changed
            : all.Any(static line => line.Marker == KnownHostLine.Authority) ? KnownHostVerdict.Authority
            : plain.Length > 0 ? KnownHostVerdict.OtherType
            : KnownHostVerdict.Unknown;
    }

    private static IReadOnlyList<string> LinesOf(string path)
    {
        try
        {
            return InputFile.ReadLines(path, LargestFileBytes, s_patience);
        }
        catch (Exception error)
            when (error is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return [];
        }
        catch (IOException error)
        {
            throw new NestVirtException(
                NestVirtErrorKind.HostKeyUnknown,
                $"Which keys are known cannot be told, since '{HostText.ForDisplay(path)}' cannot be read: {FileFault.Of(path, error)}.",
                error
            );
        }
    }
}
