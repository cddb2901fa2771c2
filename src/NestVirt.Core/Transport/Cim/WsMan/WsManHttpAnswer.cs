using System.Net.Http.Headers;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>An answer of HTTP, with what it says of logging in.</summary>
/// <param name="StatusCode">The status.</param>
/// <param name="ContentType">The type of the body; null where none was named.</param>
/// <param name="Challenges">The ways to log in, in the host's order.</param>
/// <param name="Body">The body.</param>
internal sealed record WsManHttpAnswer(
    int StatusCode,
    string? ContentType,
    IReadOnlyList<AuthenticationHeaderValue> Challenges,
    ReadOnlyMemory<byte> Body
)
{
    /// <summary>Gets a value indicating whether the host wants to know who asks.</summary>
    internal bool IsLogin => StatusCode == 401;

    /// <summary>Gets the host's token.</summary>
    /// <param name="scheme">The scheme that it is of.</param>
    /// <returns>The token; null where there is none.</returns>
    /// <exception cref="NestVirtException">It is no base64.</exception>
    internal byte[]? TokenOf(string scheme)
    {
        string? text = Challenges
            .Where(challenge => challenge.Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase))
            .Select(static challenge => challenge.Parameter)
            .FirstOrDefault(static parameter => !string.IsNullOrEmpty(parameter));
        if (text is null)
        {
            return null;
        }

        byte[] token = new byte[text.Length];
        return Convert.TryFromBase64String(text, token, out int length)
            ? token[..length]
            : throw WsManLoginFailure.Failed("What the host sent in answer to the login is no token.", null);
    }
}
