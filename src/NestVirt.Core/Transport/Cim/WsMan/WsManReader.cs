using System.Globalization;
using NestVirt.Text;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Reads what comes back for a message. Names count without their namespaces: servers differ in these.</summary>
internal static class WsManReader
{
    private const int Success = 200;
    private const int ShownLength = 120;

    /// <summary>Reads an answer of an enumeration.</summary>
    /// <param name="request">The message.</param>
    /// <param name="reply">What came back.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="WsManFaultException">The host does not do it.</exception>
    /// <exception cref="NestVirtException">It is something else.</exception>
    internal static WsManPage ReadPage(WsManRequest request, WsManReply reply)
    {
        if (ReadBody(request, reply) is not { Name: "EnumerateResponse" or "PullResponse" } answer)
        {
            throw Unexpected(request, "is no answer of an enumeration");
        }

        WsManValueReader values = new(request.Namespace);
        string? context = answer.Child("EnumerationContext")?.Text.Trim();
        return new WsManPage(
            [
                .. answer
                    .Children.Where(static child => child.Name == "Items")
                    .SelectMany(static items => items.Children)
                    .Select(values.ReadItem),
            ],
            string.IsNullOrEmpty(context) ? null : context,
            answer.Child("EndOfSequence") is not null
        );
    }

    /// <summary>Reads one instance.</summary>
    /// <param name="request">The message.</param>
    /// <param name="reply">What came back.</param>
    /// <returns>The instance.</returns>
    /// <exception cref="WsManFaultException">The host does not do it.</exception>
    /// <exception cref="NestVirtException">It is something else.</exception>
    internal static CimInstance ReadInstance(WsManRequest request, WsManReply reply) =>
        ReadBody(request, reply) is { } element
            ? new WsManValueReader(request.Namespace).ReadInstance(element)
            : throw Unexpected(request, "holds no instance");

    /// <summary>Reads what a method gave. Its element has the name of the method with _OUTPUT on Windows, without on others.</summary>
    /// <param name="request">The message.</param>
    /// <param name="reply">What came back.</param>
    /// <returns>What it gave.</returns>
    /// <exception cref="WsManFaultException">The host does not do it.</exception>
    /// <exception cref="NestVirtException">It is something else.</exception>
    internal static CimMethodResult ReadMethod(WsManRequest request, WsManReply reply)
    {
        const string ReturnValue = "ReturnValue";
        if (ReadBody(request, reply) is not { } element)
        {
            throw Unexpected(request, "holds nothing that a method gives");
        }

        CimInstance all = new WsManValueReader(request.Namespace).ReadInstance(element);
        if (all.Number(ReturnValue) is not { } number || number > uint.MaxValue)
        {
            throw Unexpected(request, "holds no return value");
        }

        CimInstance output = new(all.ClassName);
        foreach ((string name, CimValue? value) in all.Properties)
        {
            if (!name.Equals(ReturnValue, StringComparison.OrdinalIgnoreCase))
            {
                output.Set(name, value);
            }
        }

        return new CimMethodResult((uint)number, output);
    }

    /// <summary>Reads who answers.</summary>
    /// <param name="request">The message.</param>
    /// <param name="reply">What came back.</param>
    /// <returns>Who answers.</returns>
    /// <exception cref="WsManFaultException">The host does not do it.</exception>
    /// <exception cref="NestVirtException">It is something else.</exception>
    internal static WsManIdentity ReadIdentity(WsManRequest request, WsManReply reply)
    {
        if (ReadBody(request, reply) is not { Name: "IdentifyResponse" } answer)
        {
            throw Unexpected(request, "does not tell what the server is");
        }

        string Text(string name) => answer.Child(name)?.Text.Trim() ?? string.Empty;
        return new WsManIdentity(Text("ProductVendor"), Text("ProductVersion"), Text("ProtocolVersion"));
    }

    private static WsManElement? ReadBody(WsManRequest request, WsManReply reply)
    {
        WsManElement envelope = WsManDocument.Read(reply);
        if (envelope.Name != "Envelope" || envelope.Child("Body") is not { } body)
        {
            throw Unexpected(request, $"is XML, but no message of SOAP ({Status(reply)}): '{Shown(envelope.Name)}'");
        }

        // An answer that comes late, to a message that was given up, must not be taken for that of the next one.
        string? belongs = envelope.Child("Header")?.Child("RelatesTo")?.Text.Trim();
        if (
            !string.IsNullOrEmpty(belongs)
            && request.MessageId.Length > 0
            && !belongs.Equals(request.MessageId, StringComparison.OrdinalIgnoreCase)
        )
        {
            throw Unexpected(request, $"belongs to another message: '{Shown(belongs)}'");
        }

        WsManElement? content = body.Children.Count > 0 ? body.Children[0] : null;
        if (content is { Name: "Fault" })
        {
            throw WsManFaultReader.Read(content).ToException(request.Task);
        }

        return reply.StatusCode == Success
            ? content
            : throw Unexpected(request, $"has {Status(reply)}, but tells no fault");
    }

    private static string Status(WsManReply reply) =>
        string.Create(CultureInfo.InvariantCulture, $"the status {reply.StatusCode} of HTTP");

    private static string Shown(string text) => HostText.ForDisplay(text, ShownLength);

    private static NestVirtException Unexpected(WsManRequest request, string what) =>
        new(NestVirtErrorKind.ProbeOutputInvalid, $"What came when the host was to {request.Task} {what}.");
}
