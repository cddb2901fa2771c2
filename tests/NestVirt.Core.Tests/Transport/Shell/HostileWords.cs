namespace NestVirt.Core.Tests.Transport.Shell;

/// <summary>Names that guests, files and devices may have, and that no shell may act on.</summary>
internal static class HostileWords
{
    public static IReadOnlyList<string> All { get; } =
    [
        "two words",
        "it's",
        "\"quoted\"",
        "$(touch pwned)",
        "`touch pwned`",
        "; touch pwned #",
        "-rf",
        "--",
        "a\nb",
        "a\n",
        "tab\there",
        "back\\slash\\",
        "!history",
        "~",
        "*",
        "{a,b}",
        "%s%n",
        "\u001b[31mred",
        "right\u202eleft",
        "grüße",
    ];
}
