using System.CommandLine;
using System.Globalization;
using System.Text;
using NestVirt.Cli;

namespace NestVirt.PackageBuilder;

/// <summary>The manual pages of the program, made of its commands: nestvirt(1), and one for each command.</summary>
internal static class ManualPages
{
    /// <summary>Writes the pages.</summary>
    /// <param name="folder">Where they go.</param>
    /// <param name="time">The date that they bear.</param>
    internal static void Write(string folder, DateTimeOffset time)
    {
        Directory.CreateDirectory(folder);
        RootCommand root = CommandTree.Create();
        string date = time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        Option[] shared = [.. root.Options.Where(static option => option.Recursive && !option.Hidden)];
        WritePage(folder, date, ["nestvirt"], root, [.. root.Options.Where(static option => !option.Hidden)]);
        foreach (Command command in root.Subcommands.Where(static command => !command.Hidden))
        {
            WriteWithSubcommands(folder, date, ["nestvirt", command.Name], command, shared);
        }
    }

    private static void WriteWithSubcommands(
        string folder,
        string date,
        string[] words,
        Command command,
        Option[] shared
    )
    {
        Option[] own = [.. command.Options.Where(static option => !option.Hidden && !option.Recursive)];
        WritePage(folder, date, words, command, own);
        foreach (Command below in command.Subcommands.Where(static below => !below.Hidden))
        {
            WriteWithSubcommands(folder, date, [.. words, below.Name], below, shared);
        }
    }

    private static void WritePage(string folder, string date, string[] words, Command command, Option[] options)
    {
        string name = string.Join('-', words);
        StringBuilder page = new();
        page.Append(
            CultureInfo.InvariantCulture,
            $".TH {name.ToUpperInvariant().Replace("-", "\\-", StringComparison.Ordinal)} 1 {date} \"nestvirt {ProductVersion.Text}\" \"User Commands\"\n"
        );
        Section(page, "NAME");
        page.Append(CultureInfo.InvariantCulture, $"{Plain(name)} \\- {Plain(FirstSentence(command.Description))}\n");
        Section(page, "SYNOPSIS");
        page.Append(CultureInfo.InvariantCulture, $".B {Plain(string.Join(' ', words))}\n");
        if (command is RootCommand)
        {
            page.Append(".I COMMAND\n[\\fIHOST\\fR ...] [\\fIOPTION\\fR ...]\n");
            Section(page, "DESCRIPTION");
            page.Append(".nf\n");
            foreach (string line in RootHelp.Text.TrimEnd('\n').Split('\n'))
            {
                page.Append(CultureInfo.InvariantCulture, $"{Plain(line)}\n");
            }

            page.Append(".fi\n");
        }
        else
        {
            foreach (Argument argument in command.Arguments.Where(static argument => !argument.Hidden))
            {
                string more = argument.Arity.MaximumNumberOfValues > 1 ? " ..." : string.Empty;
                page.Append(
                    argument.Arity.MinimumNumberOfValues > 0
                        ? $"\\fI{Plain(argument.Name)}\\fR{more}\n"
                        : $"[\\fI{Plain(argument.Name)}\\fR{more}]\n"
                );
            }

            page.Append(
                command.Subcommands.Count > 0 && command.Action is null ? "\\fICOMMAND\\fR\n" : "[\\fIOPTION\\fR ...]\n"
            );
            Section(page, "DESCRIPTION");
            page.Append(CultureInfo.InvariantCulture, $"{Plain(command.Description)}\n");
            foreach (
                Argument argument in command.Arguments.Where(static argument =>
                    argument is { Hidden: false, Description.Length: > 0 }
                )
            )
            {
                Entry(page, $"\\fI{Plain(argument.Name)}\\fR", argument.Description);
            }
        }

        if (command.Subcommands.Any(static below => !below.Hidden))
        {
            Section(page, "COMMANDS");
            foreach (Command below in command.Subcommands.Where(static below => !below.Hidden))
            {
                Entry(page, $"\\fB{Plain(string.Join(' ', words.Append(below.Name)))}\\fR", below.Description);
            }
        }

        if (options.Length > 0)
        {
            Section(page, "OPTIONS");
            foreach (Option option in options)
            {
                string names = string.Join(
                    ", ",
                    option
                        .Aliases.Append(option.Name)
                        .OrderBy(static alias => alias.Length)
                        .Select(static alias => $"\\fB{Plain(alias)}\\fR")
                );
                string value =
                    option.Arity.MaximumNumberOfValues == 0 || option.HelpName is null
                        ? string.Empty
                        : $" \\fI{Plain(option.HelpName)}\\fR";
                Entry(page, names + value, option.Description);
            }
        }

        Section(page, "SEE ALSO");
        IEnumerable<string> pages =
            command is RootCommand
                ? command
                    .Subcommands.Where(static below => !below.Hidden)
                    .Select(static below => $"nestvirt-{below.Name}")
                :
                [
                    "nestvirt",
                    .. command.Subcommands.Where(static below => !below.Hidden).Select(below => $"{name}-{below.Name}"),
                ];
        page.AppendJoin(",\n", pages.Select(static other => $"\\fB{Plain(other)}\\fR(1)")).Append('\n');
        if (command is not RootCommand)
        {
            page.Append(".PP\nThe options that every command takes, and the exit codes, are in \\fBnestvirt\\fR(1).\n");
        }

        File.WriteAllText(Path.Combine(folder, $"{name}.1"), page.ToString());
    }

    private static void Section(StringBuilder page, string title) =>
        page.Append(CultureInfo.InvariantCulture, $".SH {title}\n");

    private static void Entry(StringBuilder page, string term, string? text) =>
        page.Append(CultureInfo.InvariantCulture, $".TP\n{term}\n{Plain(text)}\n");

    private static string FirstSentence(string? text)
    {
        string whole = text ?? string.Empty;
        int end = whole.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? whole : whole[..end]).TrimEnd('.');
    }

    // A dash is typed as it is shown, and no line is taken for a request.
    private static string Plain(string? text)
    {
        string escaped = (text ?? string.Empty)
            .Replace("\\", "\\e", StringComparison.Ordinal)
            .Replace("-", "\\-", StringComparison.Ordinal)
            .Replace("…", "...", StringComparison.Ordinal);
        return escaped.StartsWith('.') || escaped.StartsWith('\'') ? $"\\&{escaped}" : escaped;
    }
}
