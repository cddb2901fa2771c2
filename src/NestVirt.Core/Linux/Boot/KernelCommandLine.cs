using NestVirt.Linux.Modprobe;
using NestVirt.Text;

namespace NestVirt.Linux.Boot;

/// <summary>A kernel command line, as the kernel and as modprobe read it: the two do not quite agree.</summary>
/// <param name="Text">The line.</param>
/// <param name="Source">Where it is written, such as /proc/cmdline.</param>
internal sealed record KernelCommandLine(string Text, string Source)
{
    internal const string InitSeparator = "--";

    /// <summary>Gets the words that are meant for the kernel: what follows <c>--</c> is for init.</summary>
    public IEnumerable<KernelArgument> Arguments =>
        KernelArgument.Split(Text).TakeWhile(static argument => argument.Text != InitSeparator);

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
            .SelectMany(option => ModuleSetting.Split(option.Option, Source, option.Word));

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
}
