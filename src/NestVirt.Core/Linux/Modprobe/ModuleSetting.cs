using NestVirt.Text;

namespace NestVirt.Linux.Modprobe;

/// <summary>One value that configuration gives to a parameter of a module.</summary>
/// <param name="Name">The parameter's name, with underscores: the kernel takes dashes for them.</param>
/// <param name="Value">The value as written; null when only the name is, which sets a bool.</param>
/// <param name="Source">Where it is written: <c>file:line</c> or <c>/proc/cmdline</c>.</param>
/// <param name="Text">The line, or the word of the command line.</param>
internal sealed record ModuleSetting(string Name, string? Value, string Source, string Text)
{
    /// <summary>Gets the place and the text, as evidence.</summary>
    public string Evidence => $"{Source}: {ModprobeDirective.Shown(Text)}";

    /// <summary>Splits a module's arguments as parse_args of the kernel (lib/cmdline.c: next_arg) does.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="source">Where they are written.</param>
    /// <param name="text">The line.</param>
    /// <returns>One setting a word.</returns>
    public static IEnumerable<ModuleSetting> Split(string arguments, string source, string text) =>
        KernelArgument
            .Split(arguments)
            .Select(word => new ModuleSetting(ModprobeFile.Normalize(word.Name), word.Value, source, text));
}
