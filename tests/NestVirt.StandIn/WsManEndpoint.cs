using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using NestVirt.StandIn.Authentication;
using NestVirt.StandIn.Protocol;

namespace NestVirt.StandIn;

/// <summary>Carries messages over HTTP (MS-WSMV 2.1), and makes what goes wrong on the way.</summary>
/// <param name="host">The stand-in.</param>
internal sealed class WsManEndpoint(StandInHost host)
{
    private const string SoapType = "application/soap+xml";
    private readonly WsManServer _server = new(host.Machine, host.Options);

    internal async Task HandleAsync(HttpContext context)
    {
        Variants variants = host.Options.Variants;
        int number = host.NextNumber();
        var body = new StandInBody(context.Request.ContentType ?? "", await ReadAsync(context).ConfigureAwait(false));
        string? authorization = context.Request.Headers.Authorization;
        if (variants.CutsAtRequest == number || variants.IsGoneFromRequest <= number)
        {
            Record(number, context, "");
            context.Abort();
            return;
        }

        if (!IsServed(context, out int refusal))
        {
            Record(number, context, "");
            context.Response.StatusCode = refusal;
            return;
        }

        // Anybody may ask who the server is (DSP0226 11), in the clear and without a log-on.
        if (context.Request.Headers["WSMANIDENTIFY"] == "unauthenticated")
        {
            string identify = Decode(body);
            Record(number, context, identify);
            await WriteAsync(context, _server.Answer(identify, user: null), logOn: null).ConfigureAwait(false);
            return;
        }

        IStandInLogOn logOn = LogOnOf(context);
        StandInDecision decision = logOn.Receive(authorization, body);
        context.Response.Headers.WWWAuthenticate = decision.Headers.ToArray();
        if (decision.ClosesConnection || decision.User is null)
        {
            Record(number, context, "");
            Refuse(context, decision);
            return;
        }

        if (decision.Body!.Bytes.IsEmpty)
        {
            // A log-on may end with a request that holds nothing but its token.
            Record(number, context, "");
            return;
        }

        string text = Decode(decision.Body);
        Record(number, context, text);
        WsManReply reply = await AnswerAsync(text, decision.User, context).ConfigureAwait(false);
        if (variants.CutsAnswerOfRequest == number)
        {
            context.Abort();
            return;
        }

        await WriteAsync(context, reply, logOn).ConfigureAwait(false);
    }

    private static void Refuse(HttpContext context, StandInDecision decision)
    {
        if (decision.ClosesConnection)
        {
            context.Abort();
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
    }

    // http.sys answers the rest; with which codes is not recorded.
    private static bool IsServed(HttpContext context, out int refusal)
    {
        string path = context.Request.Path.Value!.TrimEnd('/');
        string type = (context.Request.ContentType ?? "").Split(';')[0].Trim();
        bool isKnownType =
            context.Request.ContentLength == 0
            || type is SoapType or "multipart/encrypted" or "multipart/x-multi-encrypted";
        refusal =
            path is not ("/wsman" or "/wsman-anon/identify") ? StatusCodes.Status404NotFound
            : !HttpMethods.IsPost(context.Request.Method) ? StatusCodes.Status405MethodNotAllowed
            : !isKnownType ? StatusCodes.Status415UnsupportedMediaType
            : StatusCodes.Status200OK;
        return refusal == StatusCodes.Status200OK;
    }

    private static async Task<byte[]> ReadAsync(HttpContext context)
    {
        using var copy = new MemoryStream();
        await context.Request.Body.CopyToAsync(copy, context.RequestAborted).ConfigureAwait(false);
        return copy.ToArray();
    }

    private static string Decode(StandInBody body) =>
        body.ContentType.Contains("utf-16", StringComparison.OrdinalIgnoreCase)
            ? Encoding.Unicode.GetString(body.Bytes.Span).TrimStart('\uFEFF')
            : Encoding.UTF8.GetString(body.Bytes.Span).TrimStart('\uFEFF');

    private async Task<WsManReply> AnswerAsync(string text, string user, HttpContext context)
    {
        TimeSpan delay = host.Options.Variants.Delay;
        if (delay > TimeSpan.Zero)
        {
            TimeSpan timeout = WsManServer.TimeoutOf(text);
            await Task.Delay(delay < timeout ? delay : timeout, context.RequestAborted).ConfigureAwait(false);
            if (delay >= timeout)
            {
                return _server.TimedOut(text);
            }
        }

        return _server.Answer(text, user);
    }

    private async Task WriteAsync(HttpContext context, WsManReply reply, IStandInLogOn? logOn)
    {
        Variants variants = host.Options.Variants;
        (string charset, Encoding encoding) = variants.UsesUtf16
            ? ("UTF-16", new UnicodeEncoding(bigEndian: false, byteOrderMark: true))
            : ("UTF-8", (Encoding)new UTF8Encoding(false));
        var body = new StandInBody(
            $"{SoapType};charset={charset}",
            (byte[])[.. encoding.GetPreamble(), .. encoding.GetBytes(reply.Text)]
        );
        int status = reply.Status;
        if (variants.AnswersWithHtml)
        {
            body = new StandInBody("text/html", "<!DOCTYPE html><html><body>It works!</body></html>"u8.ToArray());
            status = StatusCodes.Status200OK;
        }
        else if (variants.TruncatesXml)
        {
            body = body with { Bytes = body.Bytes[..(body.Bytes.Length / 2)] };
        }

        body = logOn?.Send(body) ?? body;
        context.Response.StatusCode = status;
        context.Response.ContentType = body.ContentType;
        context.Response.ContentLength = body.Bytes.Length;
        if (variants.CutsAfterBytes is { } kept && kept < body.Bytes.Length)
        {
            await context
                .Response.BodyWriter.WriteAsync(body.Bytes[..kept], context.RequestAborted)
                .ConfigureAwait(false);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            context.Abort();
            return;
        }

        await context.Response.BodyWriter.WriteAsync(body.Bytes, context.RequestAborted).ConfigureAwait(false);
    }

    // What belongs to a connection is kept with it, and goes with it.
    private IStandInLogOn LogOnOf(HttpContext context)
    {
        IDictionary<object, object?> items = context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items;
        if (items.TryGetValue(typeof(IStandInLogOn), out object? known))
        {
            return (IStandInLogOn)known!;
        }

        var connection = new StandInConnection(
            context.Connection.Id,
            context.Request.IsHttps,
            host.Options.Certificate
        );
        IStandInLogOn logOn = host.Options.Authentication.Connect(connection);
        items[typeof(IStandInLogOn)] = logOn;
        if (logOn is IDisposable ends)
        {
            context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().ConnectionClosed.Register(ends.Dispose);
        }

        return logOn;
    }

    private void Record(int number, HttpContext context, string text)
    {
        string? authorization = context.Request.Headers.Authorization;
        host.Record(
            new StandInRequest(
                number,
                context.Connection.Id,
                authorization?.Split(' ')[0],
                context.Request.ContentType ?? "",
                text
            )
        );
    }
}
