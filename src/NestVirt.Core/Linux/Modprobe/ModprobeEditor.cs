using System.Text;
using NestVirt.Linux.Files;
using NestVirt.Text;

namespace NestVirt.Linux.Modprobe;

/// <summary>Edits the text of modprobe's files and keeps every line that it is not about.</summary>
internal static class ModprobeEditor
{
    /// <summary>The file that holds our options.</summary>
    public const string OwnFile = "/etc/modprobe.d/nestvirt.conf";

    private const string Disabled = "# nestvirt: ";

    /// <summary>Sets options of a module: the last line that sets one of them is kept up to date, the others lose it.</summary>
    /// <param name="text">The file's text, or null when there is none.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="parameters">The parameters and their values.</param>
    /// <returns>The new text.</returns>
    public static string SetOptions(string? text, string module, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        KeyValuePair<string, string>[] wanted =
        [
            .. parameters.OrderBy(static pair => pair.Key, StringComparer.Ordinal),
        ];
        StringBuilder result = new();
        List<string> kept = [];
        foreach ((string whole, ModprobeDirective? directive) in Lines(text ?? SettingText.Header))
        {
            if (directive is not { Command: "options" } || directive.Module != module)
            {
                result.Append(whole);
                continue;
            }

            kept.AddRange(
                KernelArgument
                    .Split(directive.Arguments.TrimEnd('\r'))
                    .Where(argument => !Array.Exists(wanted, pair => pair.Key == ModprobeFile.Normalize(argument.Name)))
                    .Select(static argument => Escaped(Closed(argument.Text)))
            );
        }

        if (result.Length > 0 && result[^1] != '\n')
        {
            result.Append('\n');
        }

        string others = result.ToString();
        if (GoesOn(others, others.Length))
        {
            result.Append('\n');
        }

        string ending = (text + others).Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        return result
            .Append("options ")
            .Append(module)
            .Append(' ')
            .AppendJoin(' ', kept.Concat(wanted.Select(static pair => Escaped($"{pair.Key}={pair.Value}"))))
            .Append(ending)
            .ToString();
    }

    /// <summary>Makes a comment of the lines that set given parameters of a module.</summary>
    /// <param name="text">The file's text.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="parameters">The parameters.</param>
    /// <returns>The new text: options that are not among them stay, in a line of their own.</returns>
    public static string CommentOut(string text, string module, IReadOnlyCollection<string> parameters)
    {
        StringBuilder result = new();
        foreach ((string whole, ModprobeDirective? directive) in Lines(text))
        {
            if (directive is not { Command: "options" } || directive.Module != module)
            {
                result.Append(whole);
                continue;
            }

            KernelArgument[] arguments = [.. KernelArgument.Split(directive.Arguments.TrimEnd('\r'))];
            string[] rest =
            [
                .. arguments
                    .Where(argument => !parameters.Contains(ModprobeFile.Normalize(argument.Name)))
                    .Select(static argument => Escaped(Closed(argument.Text))),
            ];
            if (rest.Length == arguments.Length)
            {
                result.Append(whole);
                continue;
            }

            // A comment that ends in a backslash would go on in the next line, so a wrapped line is joined.
            string ending =
                whole.EndsWith("\r\n", StringComparison.Ordinal) ? "\r\n"
                : whole.EndsWith('\n') ? "\n"
                : string.Empty;
            result
                .Append(Disabled)
                .Append(Escaped(directive.Text.TrimEnd('\r')))
                .Append(ending.Length == 0 && rest.Length > 0 ? "\n" : ending);
            if (rest.Length > 0)
            {
                result.Append("options ").Append(module).Append(' ').AppendJoin(' ', rest).Append(ending);
            }
        }

        return result.ToString();
    }

    // freadline_wrapped of libkmod: a backslash takes the next character as it is.
    private static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal);

    // A quote that nothing closes goes to the end of the options, and would take in what is added.
    private static string Closed(string text) =>
        text.Count(static character => character == '"') % 2 == 0 ? text : $"{text}\"";

    // Whether the line that ends there goes on in the next: it ends in a backslash that no other takes as it is.
    private static bool GoesOn(string text, int end) =>
        end > 0 && text[end - 1] == '\n' && (end - 1 - text.AsSpan(0, end - 1).TrimEnd('\\').Length) % 2 != 0;

    // Each logical line with all its bytes, and what it says; null for comments and blank lines.
    private static IEnumerable<(string Whole, ModprobeDirective? Directive)> Lines(string text)
    {
        int start = 0;
        while (start < text.Length)
        {
            int end = start;
            do
            {
                int newline = text.IndexOf('\n', end);
                end = newline < 0 ? text.Length : newline + 1;
            } while (end < text.Length && GoesOn(text, end));

            string whole = text[start..end];
            string[] lines = whole.Split('\n');
            ModprobeFile parsed = ModprobeFile.Parse(string.Empty, whole.EndsWith('\n') ? lines[..^1] : lines);
            yield return (whole, parsed.Directives.Count == 1 ? parsed.Directives[0] : null);
            start = end;
        }
    }
}
