using NestVirt.Model;

namespace NestVirt.Linux.Worker;

/// <summary>Tells which programs that read a host are absent there, and what is unknown thereby.</summary>
internal static class ToolCheck
{
    // Without the first ones much is unknown; without the others little, or nothing.
    private static readonly (string Tool, bool IsNeeded, string Without)[] s_tools =
    [
        ("cat", true, "files that are edited"),
        ("grep", true, "messages of the kernel"),
        ("id", true, "who the account is"),
        ("od", true, "registers of devices and the processor"),
        ("dmesg", false, "messages of the kernel"),
        ("ip", false, "settings of virtual functions"),
    ];

    /// <summary>Gets POSIX sh that prints the names of the programs that are absent.</summary>
    internal static string Script { get; } =
        $$"""
            PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin; export PATH
            for nv_tool in {{string.Join(' ', s_tools.Select(static one => one.Tool))}}; do
              command -v "$nv_tool" >/dev/null 2>&1 || printf '%s\n' "$nv_tool"
            done
            echo end
            """;

    /// <summary>Reads what the script printed.</summary>
    /// <param name="text">What it printed.</param>
    /// <returns>The step, and what to do where it does not stand.</returns>
    internal static (ConnectionStep Step, string? Remedy) Read(string text)
    {
        HashSet<string> lines =
        [
            .. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        ];
        if (!lines.Contains("end"))
        {
            return (Of(ConnectionStepState.Unknown, "The host did not say."), null);
        }

        (string Tool, bool IsNeeded, string Without)[] absent = Array.FindAll(s_tools, one => lines.Contains(one.Tool));
        if (absent.Length == 0)
        {
            return (Of(ConnectionStepState.Passed, "All are there."), null);
        }

        string unknown = string.Join(", ", absent.Select(static one => $"{one.Tool} ({one.Without})"));
        return Array.Exists(absent, static one => one.IsNeeded)
            ? (
                Of(ConnectionStepState.Failed, $"Absent, and what is unknown thereby: {unknown}."),
                $"Install there: {string.Join(", ", absent.Select(static one => one.Tool))}."
            )
            : (Of(ConnectionStepState.Passed, $"Absent, and what is unknown thereby: {unknown}."), null);
    }

    private static ConnectionStep Of(ConnectionStepState state, string detail) =>
        new(ConnectionStepName.Tools, state) { Detail = detail };
}
