using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Linux.Files;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;

namespace NestVirt.Linux.Kvm;

/// <summary>The edits of modprobe's files that give a module its parameters whenever it is loaded.</summary>
/// <param name="Changes">The edits: our own file first.</param>
/// <param name="Findings">Lines of other files that ours overrides.</param>
/// <param name="Configuration">What the files say then.</param>
internal sealed record ModprobePlan(
    IReadOnlyList<HostChange> Changes,
    IReadOnlyList<Finding> Findings,
    ModprobeConfig Configuration
)
{
    private const string OwnFolder = "/etc/modprobe.d/";

    /// <summary>Plans the edits.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="files">The files.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="wanted">The parameters and their values.</param>
    /// <param name="replaceConflict">Whether lines of other files are commented out.</param>
    /// <returns>The edits; none when the files say it already.</returns>
    /// <exception cref="ChangeRefusedException">Something that comes later would win, or the module could not be loaded.</exception>
    internal static ModprobePlan Make(
        KvmHostState state,
        ModprobeFiles files,
        string module,
        IReadOnlyDictionary<string, string> wanted,
        bool replaceConflict
    )
    {
        ModprobeFiles edited = replaceConflict ? WithoutConflicts(state, files, module, wanted) : files;
        KeyValuePair<string, string>[] missing =
        [
            .. wanted.Where(pair =>
                edited.Configuration().Options(module).LastOrDefault(setting => setting.Name == pair.Key) is var winner
                    && (!IsWanted(state, module, pair, winner) || HasCarriageReturn(winner!.Text))
                || IsInvalidInOwnFile(state, edited, module, pair.Key)
            ),
        ];
        if (missing.Length > 0)
        {
            edited = edited.With(
                ModprobeEditor.OwnFile,
                ModprobeEditor.SetOptions(edited.Files.GetValueOrDefault(ModprobeEditor.OwnFile)?.Text, module, missing)
            );
        }

        ModuleLoadRules.Require(state, edited.Configuration(), module, wanted);
        Finding[] later = [.. wanted.Select(pair => Later(state, edited, module, pair)).OfType<Finding>()];
        if (later.Length > 0)
        {
            throw new ChangeRefusedException(later);
        }

        return new ModprobePlan(
            [
                .. edited
                    .Files.Values.Where(file => files.Files.GetValueOrDefault(file.Path)?.Text != file.Text)
                    .OrderByDescending(static file => file.Path == ModprobeEditor.OwnFile)
                    .ThenBy(static file => file.Path, StringComparer.Ordinal)
                    .Select(file => FileAction.Plan(file.Path, files.Files.GetValueOrDefault(file.Path), file.Text)!)
                    .Select(static change => change with { TakesEffect = ChangeTiming.ModuleReload }),
            ],
            [
                .. Conflicts(state, edited, module, wanted)
                    .Select(conflict => new Finding(
                        FindingCodes.LineOverridden,
                        Severity.Information,
                        $"Another file sets {module}.{conflict.Setting.Name}, and {ModprobeEditor.OwnFile} overrides it."
                    )
                    {
                        Evidence = conflict.Setting.Evidence,
                        Remedy = Advice.Of($"Comment the line out with {ChangeSwitch.ReplaceConflict}."),
                        RepeatWith = ChangeSwitch.ReplaceConflict,
                    }),
            ],
            edited.Configuration()
        );
    }

    /// <summary>Tells whether two values of a parameter are one, however each is spelt.</summary>
    /// <param name="kind">The kind of the parameter.</param>
    /// <param name="value">A value as written; null for a bare name.</param>
    /// <param name="wanted">The value wanted.</param>
    /// <returns>True if they are one.</returns>
    internal static bool IsSame(ModuleParameterKind kind, string? value, string wanted) =>
        value == wanted
        || (
            kind == ModuleParameterKind.Bool
            && ModuleParameterValue.ToSwitch(kind, value) is var one and not NestedState.Unknown
            && one == ModuleParameterValue.ToSwitch(kind, wanted)
        );

    // Another spelling of the same switch (Y for 1) is not changed.
    private static bool IsWanted(
        KvmHostState state,
        string module,
        KeyValuePair<string, string> wanted,
        ModuleSetting? setting
    ) => setting is not null && IsSame(state.Configuration.KindOf(module, wanted.Key), setting.Value, wanted.Value);

    // It ends the load, wherever a valid one wins.
    private static bool IsInvalidInOwnFile(KvmHostState state, ModprobeFiles files, string module, string name) =>
        files
            .Configuration()
            .Options(module)
            .Any(setting =>
                setting.Name == name
                && setting.Source.StartsWith(ModprobeEditor.OwnFile + ":", StringComparison.Ordinal)
                && !state.Configuration.Takes(module, setting)
            );

    private static IEnumerable<(ModprobeDirective Directive, ModuleSetting Setting)> Conflicts(
        KvmHostState state,
        ModprobeFiles files,
        string module,
        IReadOnlyDictionary<string, string> wanted
    ) =>
        files
            .Configuration()
            .Directives.Where(directive =>
                directive.Command == "options" && directive.Module == module && directive.Path != ModprobeEditor.OwnFile
            )
            .SelectMany(
                static directive => ModuleSetting.Split(directive.Arguments, directive.Source, directive.Text),
                static (directive, setting) => (directive, setting)
            )
            .Where(pair =>
                wanted.TryGetValue(pair.setting.Name, out string? value)
                && (
                    !IsSame(state.Configuration.KindOf(module, pair.setting.Name), pair.setting.Value, value)
                    || HasCarriageReturn(pair.setting.Text)
                )
            );

    // The kernel takes the value behind which it stands; who reads the file otherwise may not.
    private static bool HasCarriageReturn(string text) => text.Contains('\r', StringComparison.Ordinal);

    private static Finding? Later(
        KvmHostState state,
        ModprobeFiles edited,
        string module,
        KeyValuePair<string, string> wanted
    )
    {
        ModuleSetting? winner = edited
            .Configuration()
            .Options(module)
            .LastOrDefault(setting => setting.Name == wanted.Key);
        return IsWanted(state, module, wanted, winner)
            ? null
            : new Finding(
                FindingCodes.LineWins,
                Severity.Error,
                $"A file that modprobe reads after {ModprobeEditor.OwnFile} sets {module}.{wanted.Key}, and would win."
            )
            {
                Evidence = winner?.Evidence,
                Remedy = Advice.Of($"Change that line, or have it commented out with {ChangeSwitch.ReplaceConflict}."),
                RepeatWith = ChangeSwitch.ReplaceConflict,
            };
    }

    // A package's file stays as it is: a file of its name in /etc masks it.
    private static ModprobeFiles WithoutConflicts(
        KvmHostState state,
        ModprobeFiles files,
        string module,
        IReadOnlyDictionary<string, string> wanted
    )
    {
        ModprobeFiles edited = files;
        foreach (
            string path in Conflicts(state, files, module, wanted)
                .Select(static conflict => conflict.Directive.Path)
                .Distinct(StringComparer.Ordinal)
                .Where(files.Files.ContainsKey)
                .ToArray()
        )
        {
            string text = ModprobeEditor.CommentOut(files.Files[path].Text, module, [.. wanted.Keys]);
            bool isPackaged =
                path.StartsWith("/usr/", StringComparison.Ordinal)
                || path.StartsWith("/lib/", StringComparison.Ordinal);
            edited = edited.With(isPackaged ? OwnFolder + path[(path.LastIndexOf('/') + 1)..] : path, text);
        }

        return edited;
    }
}
