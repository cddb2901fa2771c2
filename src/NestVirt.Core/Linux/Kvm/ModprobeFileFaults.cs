using System.Globalization;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.Kvm;

/// <summary>Finds faults of whole files: line ends of Windows, and options where modprobe does not look for them.</summary>
internal static class ModprobeFileFaults
{
    private static readonly char[] s_blanks = [' ', '\t', '\r'];

    /// <summary>Finds the faults that concern KVM's modules.</summary>
    /// <param name="files">The files.</param>
    /// <param name="nestingModule">The module that decides on nesting on this host, or null.</param>
    /// <returns>The findings: one a file.</returns>
    internal static IEnumerable<ModuleFinding> Assess(ModprobeConfig files, string? nestingModule) =>
        files
            .Directives.Where(static line =>
                line.Command is "options" or "blacklist" or "install" or "remove"
                && line.HasCarriageReturn
                && ModuleOf(line.Module) is not null
                && !(line.Command == "install" && ModuleConfiguration.IsBroken(line))
            )
            .GroupBy(static line => line.Path, StringComparer.Ordinal)
            .Select(static lines => CarriageReturn(lines.MaxBy(Harm)!))
            .Concat(files.Elsewhere.Select(file => Misplaced(files, file)).OfType<ModuleFinding>());

    private static string? ModuleOf(string name) =>
        ModprobeFile.Normalize(name.Trim(s_blanks)) is var module && KvmParameterCatalog.Modules.Contains(module)
            ? module
            : null;

    private static int Harm(ModprobeDirective line) =>
        line.Module.EndsWith('\r') ? 2
        : line.Command is "install" or "remove" ? 1
        : 0;

    private static ModuleFinding CarriageReturn(ModprobeDirective line)
    {
        string module = ModuleOf(line.Module)!;
        string effect = Harm(line) switch
        {
            2 => $"it belongs to the name here, so that modprobe does not take the line for one about {module}",
            1 => "it belongs to the command here",
            _ =>
                "modprobe hands it on, and the kernel takes it for a blank behind a plain value and for a part of a quoted one",
        };
        return new ModuleFinding(
            module,
            new Finding(
                FindingCodes.ModprobeCarriageReturn,
                Severity.Warning,
                $"The file has lines that end in a carriage return, as on Windows: {effect}."
            )
            {
                Evidence = line.Evidence,
                Remedy = "Take the carriage returns away: write the file with the line ends of Unix.",
            }
        );
    }

    // /etc/modules-load.d and /etc/modules name modules, one a line; other folders are misspelt, or inside of modprobe.d.
    private static ModuleFinding? Misplaced(ModprobeConfig files, ListedFile file)
    {
        bool isList = file.Path == "/etc/modules" || file.Path.Contains("/modules-load.d/", StringComparison.Ordinal);
        (string Module, int Line)? found = isList ? InList(file) : InDirectives(file);
        return found is not { } place || (isList && files.IsOpenRc)
            ? null
            : new ModuleFinding(
                place.Module,
                new Finding(
                    FindingCodes.ModuleOptionMisplaced,
                    Severity.Warning,
                    isList
                        ? $"This file names modules to load, one a line: options for {place.Module} have no effect in it."
                        : $"modprobe does not read this file, so what it says of {place.Module} has no effect."
                )
                {
                    Evidence = string.Create(
                        CultureInfo.InvariantCulture,
                        $"{file.Path}:{place.Line}: {file.Lines[place.Line - 1].TrimEnd('\r')}"
                    ),
                    Remedy = isList
                        ? $"Write the options to a file of /etc/modprobe.d whose name ends in .conf, as options {place.Module} PARAMETER=VALUE; leave the name alone here."
                        : "Move it to a file of /etc/modprobe.d whose name ends in .conf.",
                }
            );
    }

    private static (string Module, int Line)? InDirectives(ListedFile file) =>
        ModprobeFile
            .Parse(file.Path, file.Lines)
            .Directives.Where(static line =>
                line.Command is "options" or "blacklist" or "install" && ModuleOf(line.Module) is not null
            )
            .Select(static line => ((string, int)?)(ModuleOf(line.Module)!, line.Line))
            .FirstOrDefault();

    private static (string Module, int Line)? InList(ListedFile file)
    {
        for (int at = 0; at < file.Lines.Count; at++)
        {
            string[] words = file.Lines[at].Split(s_blanks, StringSplitOptions.RemoveEmptyEntries);
            int name = words is ["options" or "modprobe", ..] ? 1 : 0;
            if (
                words.Length > name + 1
                && words[name + 1][0] is not ('#' or ';')
                && ModuleOf(words[name]) is { } module
            )
            {
                return (module, at + 1);
            }
        }

        return null;
    }
}
