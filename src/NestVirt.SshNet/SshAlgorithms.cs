using Renci.SshNet;

namespace NestVirt.SshNet;

/// <summary>Leaves out the methods that OpenSSH does not use any more unless it is told to, either.</summary>
internal static class SshAlgorithms
{
    // Certificates of hosts are judged by an authority in known_hosts, which is left to the OpenSSH client.
    private static readonly string[] s_hostKeys =
    [
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "rsa-sha2-512",
        "rsa-sha2-256",
    ];

    /// <summary>Limits what is offered to a host.</summary>
    /// <param name="info">The connection.</param>
    /// <param name="order">Puts the algorithms for the host's key into the order to offer.</param>
    internal static void Limit(ConnectionInfo info, Func<IReadOnlyList<string>, IEnumerable<string>> order)
    {
        Keep(info.KeyExchangeAlgorithms, static name => !name.EndsWith("-sha1", StringComparison.Ordinal));
        Keep(info.Encryptions, static name => !name.EndsWith("-cbc", StringComparison.Ordinal));
        Keep(info.CompressionAlgorithms, static name => name == "none");
        Dictionary<string, Func<byte[], Renci.SshNet.Security.KeyHostAlgorithm>> known = s_hostKeys
            .Where(info.HostKeyAlgorithms.ContainsKey)
            .ToDictionary(static name => name, name => info.HostKeyAlgorithms[name]);
        string[] names = [.. order([.. s_hostKeys.Where(known.ContainsKey)])];
        Keep(info.HostKeyAlgorithms, static _ => false);
        foreach (string name in names)
        {
            info.HostKeyAlgorithms.Add(name, known[name]);
        }
    }

    private static void Keep<T>(IOrderedDictionary<string, T> methods, Func<string, bool> isKept)
    {
        foreach (string name in methods.Keys.Where(name => !isKept(name)).ToArray())
        {
            ((IDictionary<string, T>)methods).Remove(name);
        }
    }
}
