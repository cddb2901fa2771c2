using System.Diagnostics;
using System.Text;

namespace NestVirt.Cli.Tests;

/// <summary>Somebody who is asked for something on a terminal.</summary>
internal static class TypedAnswer
{
    /// <summary>Runs the program on a terminal of its own, and types the answer once the question is there.</summary>
    /// <remarks>What comes before the question is thrown away, so that nothing is shown.</remarks>
    /// <param name="typed">The answer.</param>
    /// <param name="words">The command line behind the program, as a shell takes it.</param>
    /// <param name="environment">Variables to set.</param>
    /// <returns>What it left behind; both streams are one on a terminal.</returns>
    internal static async Task<CliResult> RunAsync(
        string typed,
        string words,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        ProcessStartInfo start = new("script", ["-qec", $"'{CliProgram.Path}' {words}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        StringBuilder output = new();
        char[] buffer = new char[4096];
        bool isTyped = false;
        int count;
        while ((count = await process.StandardOutput.ReadAsync(buffer)) > 0)
        {
            output.Append(buffer, 0, count);
            if (!isTyped && output.ToString().EndsWith(": ", StringComparison.Ordinal))
            {
                isTyped = true;
                await process.StandardInput.WriteAsync($"{typed}\n");
                await process.StandardInput.FlushAsync();
            }
        }

        await process.WaitForExitAsync();
        return new CliResult(process.ExitCode, output.ToString(), string.Empty);
    }
}
