namespace NestVirt.Cli.Tables;

/// <summary>Whether the person at the terminal wants colours (https://no-color.org).</summary>
internal static class TerminalColors
{
    /// <summary>Gets a value indicating whether nothing speaks against colours.</summary>
    internal static bool AreWanted =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && (OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb"));
}
