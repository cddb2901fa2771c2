using NestVirt.Model;

namespace NestVirt.Linux.Worker;

/// <summary>Tells which programs are absent on a host, and what is unknown or cannot be done without them.</summary>
internal static class ToolCheck
{
    private static readonly (string Tool, string Without)[] s_reading =
    [
        ("cat", "files that a change edits are unknown"),
        ("od", "registers of devices and of the processor are unknown"),
        ("dmesg", "what the kernel says of the IOMMU is unknown"),
        ("grep", "what the kernel says of the IOMMU is unknown"),
        ("ls", "who owns a driver is unknown"),
        ("readlink", "what keeps virtual functions for later boots is unknown"),
    ];

    private static readonly (string Tool, string Without)[] s_tools =
    [
        .. s_reading,
        .. ChangeScript
            .Tools.Except(s_reading.Select(static one => one.Tool))
            .Select(static tool => (tool, "nothing can be changed")),
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
        string[] lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (!lines.Contains("end"))
        {
            return (Of(ConnectionStepState.Unknown, "The host did not say."), null);
        }

        (string Tool, string Without)[] absent = Array.FindAll(s_tools, one => lines.Contains(one.Tool));
        return absent.Length == 0
            ? (Of(ConnectionStepState.Passed, "All are there."), null)
            : (
                Of(
                    ConnectionStepState.Failed,
                    $"Absent: {string.Join("; ", absent.Select(static one => $"{one.Tool} ({one.Without})"))}."
                ),
                $"Install there: {string.Join(", ", absent.Select(static one => one.Tool))} (of coreutils, grep, mawk or gawk, and util-linux)."
            );
    }

    private static ConnectionStep Of(ConnectionStepState state, string detail) =>
        new(ConnectionStepName.Tools, state) { Detail = detail };
}
