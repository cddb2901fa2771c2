using System.Globalization;
using System.Text;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan.Server;

/// <summary>A request as it came.</summary>
internal sealed record LoopbackRequest(string Line, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string? Authorization => Headers.GetValueOrDefault("Authorization");

    public string? ContentType => Headers.GetValueOrDefault("Content-Type");
}

/// <summary>One connection of HTTP/1.1, request by request, as bytes.</summary>
internal sealed class LoopbackConnection(Stream stream, CancellationToken stop)
{
    /// <summary>Gets what ends when the test does.</summary>
    public CancellationToken Stop => stop;

    /// <summary>Reads the next request.</summary>
    /// <returns>The request; null where the client ended the connection.</returns>
    public async Task<LoopbackRequest?> ReadAsync()
    {
        List<byte> head = [];
        byte[] one = new byte[1];
        while (!Encoding.ASCII.GetString([.. head.TakeLast(4)]).Equals("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, stop) == 0)
            {
                return null;
            }

            head.Add(one[0]);
        }

        string[] lines = Encoding.ASCII.GetString([.. head]).TrimEnd().Split("\r\n");
        Dictionary<string, string> headers = lines
            .Skip(1)
            .Select(static line => line.Split(':', 2))
            .ToDictionary(static pair => pair[0], static pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        byte[] body = new byte[
            int.Parse(headers.GetValueOrDefault("Content-Length", "0"), CultureInfo.InvariantCulture)
        ];
        await stream.ReadExactlyAsync(body, stop);
        return new LoopbackRequest(lines[0], headers, body);
    }

    /// <summary>Sends an answer.</summary>
    /// <param name="status">The status.</param>
    /// <param name="headers">Its headers, without the length of the body.</param>
    /// <param name="body">The body.</param>
    public Task WriteAsync(int status, IEnumerable<string> headers, byte[] body) =>
        WriteAsync([.. HeadOf(status, headers, body.Length), .. body]);

    /// <summary>Sends bytes.</summary>
    public async Task WriteAsync(byte[] bytes)
    {
        await stream.WriteAsync(bytes, stop);
        await stream.FlushAsync(stop);
    }

    /// <summary>Writes what stands before a body.</summary>
    public static byte[] HeadOf(int status, IEnumerable<string> headers, int length) =>
        Encoding.ASCII.GetBytes(
            string.Join(
                "\r\n",
                [$"HTTP/1.1 {status} Said", .. headers, $"Content-Length: {length}", string.Empty, string.Empty]
            )
        );
}
