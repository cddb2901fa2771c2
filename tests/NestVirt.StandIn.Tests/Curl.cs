using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;
using NestVirt.Core.Tests;

namespace NestVirt.StandIn.Tests;

/// <summary>What curl got.</summary>
/// <param name="ExitCode">Its exit code: 0, 18 for a transfer that ended early, 52 for no answer at all.</param>
/// <param name="Status">The status of HTTP; 0 where there is none.</param>
/// <param name="ContentType">The Content-Type.</param>
/// <param name="Text">The body.</param>
internal sealed record CurlAnswer(int ExitCode, int Status, string ContentType, string Text)
{
    /// <summary>Gets the body as XML.</summary>
    internal XElement Xml => XElement.Parse(Text);

    /// <summary>Gets the first element of a local name; null where there is none.</summary>
    internal XElement? Element(string localName) =>
        Xml.Descendants().FirstOrDefault(element => element.Name.LocalName == localName);

    /// <summary>Gets the texts of all elements of a local name.</summary>
    internal string[] Values(string localName) =>
        [
            .. Xml.Descendants()
                .Where(element => element.Name.LocalName == localName)
                .Select(static found => found.Value),
        ];

    /// <summary>Gets the text of the one element of a local name.</summary>
    internal string Value(string localName) => Assert.Single(Values(localName));
}

/// <summary>Sends messages with curl: a client that is not of this house.</summary>
internal static class Curl
{
    internal static async Task<CurlAnswer> PostAsync(Uri address, string envelope, params string[] options)
    {
        Needs.Tools("curl");
        string file = Path.GetTempFileName();
        string[] arguments =
        [
            "--silent",
            "--insecure",
            "--max-time",
            "60",
            "--header",
            "Content-Type: application/soap+xml;charset=UTF-8",
            "--data-binary",
            "@-",
            "--write-out",
            "%{http_code} %{content_type}",
            "--output",
            file,
            .. options,
            address.ToString(),
        ];
        ProcessStartInfo start = new("curl", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(envelope);
        process.StandardInput.Close();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        string[] words = output.Split(' ', 2);
        // Its byte order mark tells UTF-16 from UTF-8.
        string body = await File.ReadAllTextAsync(file);
        File.Delete(file);
        return new CurlAnswer(process.ExitCode, int.Parse(words[0], CultureInfo.InvariantCulture), words[1], body);
    }
}
