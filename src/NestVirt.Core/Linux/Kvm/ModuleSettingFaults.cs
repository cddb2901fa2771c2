using NestVirt.Linux.Modprobe;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Kvm;

/// <summary>Finds what is wrong with the settings of one module: each fault once, whatever it makes of the words around it.</summary>
/// <remarks>
/// What the kernel does: lib/cmdline.c (next_arg) ends a word at any white space, a carriage return too, unless it is
/// quoted; kernel/params.c (parse_args) ends the load at the first value that a parameter does not take, and
/// kernel/module/main.c (unknown_module_param_cb) passes over what it does not know.
/// </remarks>
internal static class ModuleSettingFaults
{
    /// <summary>Finds the faults.</summary>
    /// <param name="configuration">What is asked.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="nestingModule">The module that decides on nesting on this host, or null.</param>
    /// <returns>The findings, in the order of the settings.</returns>
    internal static IEnumerable<Finding> Assess(ModuleConfiguration configuration, string module, string? nestingModule)
    {
        IReadOnlyList<ModuleSetting> settings = configuration.Settings(module);
        string? commented = null;
        for (int at = 0; at < settings.Count; at++)
        {
            ModuleSetting setting = settings[at];
            bool isKnown = configuration.HasParameter(module, setting.Name);
            SpacedValue? spaced = SpacedValue.At(configuration, module, settings, at);
            if (setting.Name.StartsWith('#') && commented != setting.Evidence)
            {
                commented = setting.Evidence;
                yield return Comment(configuration, module, settings, at);
            }
            else if (!isKnown && commented != setting.Evidence)
            {
                yield return Unknown(configuration, module, setting, nestingModule);
            }
            else if (isKnown && spaced is { } value)
            {
                yield return OnHost(
                    Spaced(configuration, module, setting, value),
                    configuration,
                    module,
                    nestingModule,
                    configuration.Takes(module, setting)
                );
            }
            else if (!configuration.Takes(module, setting))
            {
                yield return OnHost(
                    Refused(configuration, module, setting),
                    configuration,
                    module,
                    nestingModule,
                    isTaken: false
                );
            }

            at += spaced?.Words ?? 0;
        }

        if (configuration.Excluded(module) is { } pages)
        {
            yield return OnHost(Excluded(configuration, pages), configuration, module, nestingModule, isTaken: false);
        }
    }

    /// <summary>Says what is wrong with a setting for which the kernel does not load a module.</summary>
    /// <param name="configuration">What is asked.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="setting">The setting.</param>
    /// <returns>The finding.</returns>
    internal static Finding Invalid(ModuleConfiguration configuration, string module, ModuleSetting setting) =>
        InvalidOf(configuration, module)(setting);

    /// <summary>Makes what says that of many settings of a module.</summary>
    /// <param name="configuration">What is asked.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <returns>Makes the finding of a setting.</returns>
    internal static Func<ModuleSetting, Finding> InvalidOf(ModuleConfiguration configuration, string module)
    {
        IReadOnlyList<ModuleSetting> settings = configuration.Settings(module);
        Dictionary<ModuleSetting, int> places = [];
        foreach ((int place, ModuleSetting setting) in settings.Index())
        {
            places.TryAdd(setting, place);
        }

        return setting =>
            places.TryGetValue(setting, out int place)
            && SpacedValue.At(configuration, module, settings, place) is { } spaced
                ? Spaced(configuration, module, setting, spaced)
            : configuration.Takes(module, setting) ? Excluded(configuration, setting)
            : Refused(configuration, module, setting);
    }

    private static Finding Excluded(ModuleConfiguration configuration, ModuleSetting pages) =>
        new(
            FindingCodes.ModuleValueInvalid,
            Severity.Error,
            "kvm.nested and kvm.hpage exclude each other: the kernel refuses to load the module with both."
        )
        {
            Evidence =
                configuration.Winner("kvm", KvmParameterCatalog.Nested) is { } nested
                && nested.Evidence != pages.Evidence
                    ? $"{pages.Evidence}; {nested.Evidence}"
                    : pages.Evidence,
            Remedy = "Write hpage=0 to let guests nest, or nested=0 to give them huge pages.",
        };

    private static Finding Refused(ModuleConfiguration configuration, string module, ModuleSetting setting)
    {
        bool isBuiltIn = configuration.Listing.StateOf(module) == ModuleState.BuiltIn;
        string effect = isBuiltIn ? "the kernel ignores it" : "the kernel refuses to load the module with it";
        string value = setting.Value is null ? "a bare name" : $"'{HostText.ForDisplay(setting.Value, 40)}'";
        return new Finding(
            FindingCodes.ModuleValueInvalid,
            isBuiltIn ? Severity.Warning : Severity.Error,
            $"{module}.{setting.Name} takes {Wanted(configuration, module, setting.Name)}, not {value}: {effect}."
        )
        {
            Evidence = setting.Evidence,
            Remedy = $"Write {Instead(configuration, module, setting.Name, setting.Value)}.",
        };
    }

    /// <summary>Says what a parameter takes.</summary>
    /// <param name="configuration">What is asked.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="name">The parameter.</param>
    /// <returns>Some words.</returns>
    internal static string Wanted(ModuleConfiguration configuration, string module, string name)
    {
        if (IsSwitch(configuration, module, name))
        {
            return "Y or N (1 or 0)";
        }

        (long least, long most) = KvmParameterCatalog.RangeOf(module, name);
        return least >= 0 ? $"a number from {least} to {most}" : "a number";
    }

    /// <summary>Tells whether a module is one for another vendor's processors.</summary>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="nestingModule">The module that decides on nesting on this host, or null.</param>
    /// <returns>True if it does nothing here.</returns>
    internal static bool IsOtherVendor(string module, string? nestingModule) =>
        module is "kvm_intel" or "kvm_amd" && nestingModule is "kvm_intel" or "kvm_amd" && module != nestingModule;

    /// <summary>Says what to write in place of a value that is not taken.</summary>
    /// <param name="configuration">What is asked.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="name">The parameter.</param>
    /// <param name="value">The value, or null.</param>
    /// <returns>One or two settings.</returns>
    internal static string Instead(ModuleConfiguration configuration, string module, string name, string? value) =>
        !IsSwitch(configuration, module, name) && name != KvmParameterCatalog.Nested
            ? $"{name}= and {Wanted(configuration, module, name)}"
            : ModuleParameterValue.ToSwitch(ModuleParameterKind.Bool, value?.TrimEnd('\r')) switch
            {
                NestedState.On when value is not null => $"{name}=1",
                NestedState.Off => $"{name}=0",
                _ => $"{name}=1 or {name}=0",
            };

    private static bool IsSwitch(ModuleConfiguration configuration, string module, string name) =>
        configuration.KindOf(module, name) switch
        {
            ModuleParameterKind.Bool => true,
            ModuleParameterKind.Other => KvmParameterCatalog.IsSwitch(module, name),
            _ => false,
        };

    // Another vendor's module does nothing here; one that is not loaded waits for the line to be mended.
    private static Finding OnHost(
        Finding fault,
        ModuleConfiguration configuration,
        string module,
        string? nestingModule,
        bool isTaken
    )
    {
        bool isOther = IsOtherVendor(module, nestingModule);
        ModuleState state = configuration.Listing.StateOf(module);
        return fault with
        {
            Severity =
                isOther ? Severity.Information
                : isTaken || state == ModuleState.BuiltIn ? Severity.Warning
                : Severity.Error,
            Remedy =
                !isOther && state == ModuleState.NotLoaded && !isTaken
                    ? $"{fault.Remedy} Then run: modprobe {nestingModule ?? module}"
                    : fault.Remedy,
        };
    }

    private static Finding Spaced(
        ModuleConfiguration configuration,
        string module,
        ModuleSetting setting,
        SpacedValue spaced
    )
    {
        string effect =
            configuration.Takes(module, setting) ? $"takes {setting.Name} without a value, which turns it on"
            : configuration.Listing.StateOf(module) == ModuleState.BuiltIn ? $"ignores {setting.Name} without a value"
            : $"refuses to load the module with {setting.Name} without a value";
        return new Finding(
            FindingCodes.ModuleOptionBlank,
            configuration.Takes(module, setting) ? Severity.Warning : Severity.Error,
            $"Blanks stand around the = of {module}.{setting.Name}: the kernel {effect}, and leaves out what follows."
        )
        {
            Evidence = setting.Evidence,
            Remedy =
                configuration.Takes(module, setting.Name, spaced.Value) && PlainWord.Is(spaced.Value)
                    ? $"Write {setting.Name}={spaced.Value} without blanks."
                    : $"Write {Instead(configuration, module, setting.Name, spaced.Value)} without blanks.",
        };
    }

    private static Finding Comment(
        ModuleConfiguration configuration,
        string module,
        IReadOnlyList<ModuleSetting> settings,
        int at
    )
    {
        string[] counted =
        [
            .. settings
                .Skip(at + 1)
                .TakeWhile(next => next.Evidence == settings[at].Evidence)
                .Where(next => configuration.HasParameter(module, next.Name))
                .Select(static next => next.Name),
        ];
        string effect =
            counted.Length == 0 ? "which it ignores" : $"and {string.Join(", ", counted)} among them counts";
        return new Finding(
            FindingCodes.ModuleOptionComment,
            Severity.Warning,
            $"A # opens a comment only at the start of a line: here it and the words after it go to {module} as parameters, {effect}."
        )
        {
            Evidence = settings[at].Evidence,
            Remedy = "Put the comment on a line of its own.",
        };
    }

    private static Finding Unknown(
        ModuleConfiguration configuration,
        string module,
        ModuleSetting setting,
        string? nestingModule
    )
    {
        string? owner = KvmParameterCatalog.OtherOwner(setting.Name, module, nestingModule);
        IEnumerable<string> names = KvmParameterCatalog
            .Names(module)
            .Concat(
                configuration.Listing.Parameters.GetValueOrDefault(module)?.Select(static parameter => parameter.Name)
                    ?? []
            );
        bool isElsewhere = KvmParameterCatalog.Names(module).Contains(setting.Name);
        string? nearest =
            owner is null && !isElsewhere
                ? Spelling.Nearest(setting.Name, names.Distinct(StringComparer.Ordinal))
                : null;
        string hint =
            owner is not null ? $" It is a parameter of {owner}."
            : nearest is not null ? $" Was {nearest} meant?"
            : isElsewhere
                ? configuration.Takes(module, setting.Name, setting.Value) ? " Other kernels have it."
                    : $" Other kernels have it and take {Wanted(configuration, module, setting.Name)}: they do not load the module with this value."
            : string.Empty;
        return new Finding(
            FindingCodes.ModuleParameterUnknown,
            Severity.Warning,
            $"{module} of this kernel has no parameter {HostText.ForDisplay(setting.Name, 40)}: it is ignored.{hint}"
        )
        {
            Evidence = setting.Evidence,
            Remedy =
                nearest is not null && PlainWord.Is(nearest)
                    ? $"Write {nearest}, or remove the word."
                    : "Remove the word.",
        };
    }
}

/// <summary>A value that blanks keep from its parameter, as in <c>nested = 1</c>: the kernel sees words of their own.</summary>
/// <param name="Value">The value that was meant; empty when none follows.</param>
/// <param name="Words">How many words after the parameter belong to it.</param>
internal readonly record struct SpacedValue(string Value, int Words)
{
    /// <summary>Finds such a value.</summary>
    /// <param name="configuration">What is asked.</param>
    /// <param name="module">The module, with underscores.</param>
    /// <param name="settings">The settings of the module.</param>
    /// <param name="at">The parameter's place among them.</param>
    /// <returns>The value; null where the word stands for itself.</returns>
    internal static SpacedValue? At(
        ModuleConfiguration configuration,
        string module,
        IReadOnlyList<ModuleSetting> settings,
        int at
    )
    {
        string? next = Bare(1);
        string? afterNext = Bare(2);
        return settings[at].Value switch
        {
            null when next == "=" => afterNext is not null && !configuration.HasParameter(module, afterNext)
                ? new SpacedValue(afterNext, 2)
                : new SpacedValue(string.Empty, 1),
            null when next is ['=', ..] => new SpacedValue(next[1..], 1),
            "" when next is not null && !configuration.HasParameter(module, next) && next[0] != '#' => new SpacedValue(
                next,
                1
            ),
            _ => null,
        };

        string? Bare(int offset) =>
            at + offset < settings.Count
            && settings[at + offset] is { Value: null } word
            && word.Evidence == settings[at].Evidence
                ? word.Name
                : null;
    }
}
