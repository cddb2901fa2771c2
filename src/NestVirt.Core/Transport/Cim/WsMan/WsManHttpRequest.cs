using System.Net;
using System.Net.Http.Headers;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>A request of HTTP.</summary>
/// <param name="Body">The body; empty for a step of the login that carries no message.</param>
/// <param name="ContentType">Its type.</param>
/// <param name="Authorization">What proves who asks; null where the connection is proven.</param>
internal readonly record struct WsManHttpRequest(
    ReadOnlyMemory<byte> Body,
    string ContentType,
    AuthenticationHeaderValue? Authorization
)
{
    /// <summary>The type of a message that is not encrypted: that of SOAP 1.2 (RFC 3902).</summary>
    internal const string Soap = "application/soap+xml;charset=UTF-8";

    /// <summary>Gets a value indicating whether the host may carry something out because of it.</summary>
    internal bool IsMessage => !Body.IsEmpty;

    /// <summary>Makes the message of .NET.</summary>
    /// <param name="address">Where it goes.</param>
    internal HttpRequestMessage ToMessage(Uri address)
    {
        ReadOnlyMemoryContent content = new(Body);
        content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
        HttpRequestMessage message = new(HttpMethod.Post, address)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        message.Headers.Authorization = Authorization;
        return message;
    }

    /// <summary>Tells nothing of what proves who asks.</summary>
    public override string ToString() => $"{Body.Length} bytes of {ContentType}";
}
