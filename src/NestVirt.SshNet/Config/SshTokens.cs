using System.Globalization;
using System.Text;
using NestVirt.Text;

namespace NestVirt.SshNet.Config;

/// <summary>What stands for the tokens of ssh_config(5) in names of files.</summary>
/// <param name="Name">%n: the host as the user named it.</param>
/// <param name="HostName">%h: the host that is connected to.</param>
/// <param name="Port">%p.</param>
/// <param name="UserName">%r: the account on the host.</param>
/// <param name="Home">%d, and the tilde: the home folder on this machine.</param>
internal sealed record SshTokens(string Name, string HostName, int Port, string UserName, string Home)
{
    /// <summary>Puts the values into the name of a file.</summary>
    /// <param name="path">The name.</param>
    /// <returns>The name without tokens; one that is not known stays.</returns>
    internal string ExpandPath(string path)
    {
        string text = HomePath.Expand(path, Home);
        StringBuilder expanded = new();
        for (int at = 0; at < text.Length; at++)
        {
            if (text[at] == '%' && at + 1 < text.Length && ValueOf(text[at + 1]) is { } value)
            {
                expanded.Append(value);
                at++;
            }
            else
            {
                expanded.Append(text[at]);
            }
        }

        return ExpandVariables(expanded.ToString());
    }

    private static string ExpandVariables(string text)
    {
        int start = text.IndexOf("${", StringComparison.Ordinal);
        int end = start < 0 ? -1 : text.IndexOf('}', start);
        return end < 0
            ? text
            : text[..start]
                + Environment.GetEnvironmentVariable(text[(start + 2)..end])
                + ExpandVariables(text[(end + 1)..]);
    }

    private string? ValueOf(char token) =>
        token switch
        {
            '%' => "%",
            'd' => Home,
            'h' => HostName,
            'n' => Name,
            'p' => Port.ToString(CultureInfo.InvariantCulture),
            'r' => UserName,
            'u' => Environment.UserName,
            _ => null,
        };
}
