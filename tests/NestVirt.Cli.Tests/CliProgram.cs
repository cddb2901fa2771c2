using System.Diagnostics;
using System.Text;

namespace NestVirt.Cli.Tests;

/// <summary>What a run of the program left behind.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="ErrorOutput">Standard error.</param>
internal sealed record CliResult(int ExitCode, string Output, string ErrorOutput)
{
    /// <summary>Gets the lines of standard output.</summary>
    internal string[] Lines => Output.TrimEnd('\n').Split('\n');
}

/// <summary>Runs the real program as a child process, as a person or a script does.</summary>
internal static class CliProgram
{
    /// <summary>The longest that any run may take before the test fails.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>Gets the program that was built with these tests, or the one that NESTVIRT_PROGRAM names.</summary>
    internal static string Path { get; } =
        Environment.GetEnvironmentVariable("NESTVIRT_PROGRAM")
        ?? System.IO.Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "nestvirt.exe" : "nestvirt");

    /// <summary>Runs the program to its end.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <returns>What it left behind.</returns>
    internal static Task<CliResult> RunAsync(params string[] arguments) => FinishAsync(Start(arguments));

    /// <summary>Runs the program to its end in another environment.</summary>
    /// <param name="environment">Variables to set.</param>
    /// <param name="arguments">The arguments.</param>
    /// <returns>What it left behind.</returns>
    internal static Task<CliResult> RunAsync(
        IReadOnlyDictionary<string, string> environment,
        params string[] arguments
    ) => FinishAsync(Start(arguments, environment: environment));

    /// <summary>Starts a program whose streams are ours.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="program">Another program than nestvirt.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="folder">The current folder of the program; that of the tests where none is given.</param>
    /// <returns>The process.</returns>
    internal static Process Start(
        string[] arguments,
        string? program = null,
        IReadOnlyDictionary<string, string>? environment = null,
        string? folder = null
    )
    {
        ProcessStartInfo start = new(program ?? Path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
            WorkingDirectory = folder ?? string.Empty,
        };
        start.Environment.Remove("COLUMNS");
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Waits for the end of a program.</summary>
    /// <param name="process">The process.</param>
    /// <returns>What it left behind.</returns>
    internal static async Task<CliResult> FinishAsync(Process process)
    {
        using (process)
        {
            using CancellationTokenSource patience = new(s_patience);
            Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
            Task<string> error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return new CliResult(process.ExitCode, await output, await error);
        }
    }
}
