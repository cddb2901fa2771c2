namespace NestVirt.Core.Tests.Transport.Shell;

/// <summary>The POSIX shells that a host's <c>/bin/sh</c> may be, as far as they are installed here.</summary>
internal static class PosixShells
{
    private static readonly string[][] s_known =
    [
        ["sh"],
        ["dash"],
        ["busybox", "sh"],
        ["bash"],
        ["bash", "--posix"],
        ["mksh"],
        ["ksh93"],
        ["yash"],
    ];

    /// <summary>Gets the command lines of the shells.</summary>
    public static IReadOnlyList<string> Installed { get; } =
    [.. s_known.Where(static words => Needs.IsOnPath(words[0])).Select(static words => string.Join(' ', words))];
}
