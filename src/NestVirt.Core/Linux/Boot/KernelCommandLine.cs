using NestVirt.Linux.Modprobe;

namespace NestVirt.Linux.Boot;

/// <summary>One word of a kernel command line.</summary>
/// <param name="Name">The part before the first <c>=</c>, as written.</param>
/// <param name="Value">The part behind it, without its quotes; null when there is no <c>=</c>.</param>
/// <param name="Text">The whole word, as written.</param>
public sealed record KernelArgument(string Name, string? Value, string Text);

/// <summary>A kernel command line, as the kernel and as modprobe read it: the two do not quite agree.</summary>
/// <param name="Text">The line.</param>
/// <param name="Source">Where it is written, such as /proc/cmdline.</param>
public sealed record KernelCommandLine(string Text, string Source)
{
    internal const string InitSeparator = "--";

    /// <summary>Gets the words that are meant for the kernel: what follows <c>--</c> is for init.</summary>
    public IEnumerable<KernelArgument> Arguments =>
        Split(Text).TakeWhile(static argument => argument.Text != InitSeparator);

    /// <summary>Splits a line into words as next_arg of the kernel's lib/cmdline.c does.</summary>
    /// <param name="text">The line; double quotes keep blanks together, and cannot be escaped.</param>
    /// <returns>The words.</returns>
    public static IEnumerable<KernelArgument> Split(string text)
    {
        int at = 0;
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            int start = at;
            int equals = -1;
            bool isQuoted = false;
            for (; at < text.Length && (isQuoted || !char.IsWhiteSpace(text[at])); at++)
            {
                isQuoted ^= text[at] == '"';
                equals = equals < 0 && text[at] == '=' && at > start ? at : equals;
            }

            yield return ToArgument(text[start..at], equals - start);
        }
    }

    /// <summary>Gets what a built-in module is given: the kernel's own reading.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>The settings in their order.</returns>
    public IEnumerable<ModuleSetting> BuiltInOptions(string module)
    {
        foreach (KernelArgument argument in Arguments)
        {
            int dot = argument.Name.IndexOf('.', StringComparison.Ordinal);
            if (dot > 0 && ModprobeFile.Normalize(argument.Name[..dot]) == module)
            {
                yield return new ModuleSetting(
                    ModprobeFile.Normalize(argument.Name[(dot + 1)..]),
                    argument.Value,
                    Source,
                    argument.Text
                );
            }
        }
    }

    /// <summary>Gets what modprobe adds to a module's options: libkmod's reading.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>The settings in their order.</returns>
    public IEnumerable<ModuleSetting> ModuleOptions(string module) =>
        ModprobeCommandLine
            .Read(Text)
            .Where(option => option.Module == module)
            .SelectMany(option => ModuleSetting.Split(option.Option, Source, $"{option.Module}.{option.Option}"));

    /// <summary>Gets the modules that the line names with an option, as modprobe reads it.</summary>
    /// <returns>The modules and their options.</returns>
    public IReadOnlyList<ModprobeCommandLineOption> AllModuleOptions() => ModprobeCommandLine.Read(Text);

    /// <summary>Gets the word that keeps a module from being loaded for its hardware, or null.</summary>
    /// <remarks>
    /// modprobe.blacklist= works as a blacklist line; module_blacklist= makes the kernel refuse the module. Both compare
    /// the name with underscores, and do not take dashes for them.
    /// </remarks>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>The word.</returns>
    public KernelArgument? Blacklist(string module) => FindInList("modprobe.blacklist", module) ?? Refusal(module);

    /// <summary>Gets the word that makes the kernel refuse a module, whoever asks for it; or null.</summary>
    /// <param name="module">The module's name with underscores.</param>
    /// <returns>The word.</returns>
    public KernelArgument? Refusal(string module) => FindInList("module_blacklist", module);

    private KernelArgument? FindInList(string name, string module) =>
        Arguments.FirstOrDefault(argument =>
            argument.Name == name
            && argument.Value is not null
            && argument.Value.Split(',').Contains(module, StringComparer.Ordinal)
        );

    private static KernelArgument ToArgument(string word, int equals)
    {
        bool isQuoted = word[0] == '"';
        string bare = isQuoted ? word[1..] : word;
        equals -= isQuoted ? 1 : 0;
        if (equals <= 0)
        {
            return new KernelArgument(bare.TrimEnd('"'), null, word);
        }

        string value = bare[(equals + 1)..];
        bool opensQuote = value.StartsWith('"');
        value = opensQuote ? value[1..] : value;
        value = (opensQuote || isQuoted) && value.EndsWith('"') ? value[..^1] : value;
        return new KernelArgument(bare[..equals], value, word);
    }
}
