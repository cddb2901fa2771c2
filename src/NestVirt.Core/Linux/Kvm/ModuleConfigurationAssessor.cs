using NestVirt.Guidance;
using NestVirt.Linux.Modprobe;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Kvm;

/// <summary>A finding about one module.</summary>
/// <param name="Module">The module that was meant, with underscores.</param>
/// <param name="Finding">What was found.</param>
internal sealed record ModuleFinding(string Module, Finding Finding);

/// <summary>Finds the mistakes in what files and command line ask of KVM's modules.</summary>
internal static class ModuleConfigurationAssessor
{
    private static readonly string[] s_backupEndings =
    [
        "~",
        ".bak",
        ".old",
        ".orig",
        ".save",
        ".rpmsave",
        ".rpmnew",
        ".rpmorig",
        ".dpkg-old",
        ".dpkg-dist",
        ".dpkg-new",
        ".ucf-dist",
        ".disabled",
    ];

    // What exists beside the modules in the catalog, so that its name is no mistake.
    private static readonly string[] s_otherModules =
    [
        "kvmgt",
        "kvm_arm",
        "kvm_pvm",
        "kvm_x86",
        "kvm_guest",
        "kvm_riscv",
        "kvm_book3s",
        "kvm_guest_debug",
    ];

    /// <summary>Finds the mistakes.</summary>
    /// <param name="configuration">What is asked.</param>
    /// <param name="nestingModule">The module that decides on nesting on this host, or null.</param>
    /// <returns>The findings, in the order of the configuration.</returns>
    public static IReadOnlyList<ModuleFinding> Assess(ModuleConfiguration configuration, string? nestingModule)
    {
        List<ModuleFinding> findings = [];
        foreach (string module in KvmParameterCatalog.Modules)
        {
            findings.AddRange(SettingFindings(configuration, module, nestingModule));
            findings.AddRange(LoadingFindings(configuration, module, nestingModule));
        }

        findings.AddRange(NameFindings(configuration));
        findings.AddRange(FileFindings(configuration.Files, nestingModule));
        findings.AddRange(ModprobeFileFaults.Assess(configuration.Files, nestingModule));
        return findings;
    }

    private static IEnumerable<ModuleFinding> SettingFindings(
        ModuleConfiguration configuration,
        string module,
        string? nestingModule
    )
    {
        IReadOnlyList<ModuleSetting> settings = configuration.Settings(module);
        ILookup<string, ModuleSetting> byName = settings.ToLookup(
            static setting => setting.Name,
            StringComparer.Ordinal
        );
        if (ModuleSettingFaults.IsOtherVendor(module, nestingModule) && settings.Count > 0)
        {
            yield return new ModuleFinding(
                module,
                new Finding(
                    FindingCodes.ModuleOtherVendor,
                    Severity.Information,
                    $"Options for {module} do nothing here: this host's module is {nestingModule}."
                )
                {
                    Evidence = settings[0].Evidence,
                    Remedy = $"Remove the line, or write {nestingModule} if that was meant.",
                }
            );
        }

        foreach (Finding fault in ModuleSettingFaults.Assess(configuration, module, nestingModule))
        {
            yield return new ModuleFinding(module, fault);
        }

        foreach (
            ModuleSetting setting in settings.Where(setting =>
                configuration.HasParameter(module, setting.Name) && configuration.Takes(module, setting)
            )
        )
        {
            ModuleSetting winner = byName[setting.Name].Last();
            if (winner.Value != setting.Value && winner.Source != setting.Source)
            {
                yield return new ModuleFinding(
                    module,
                    new Finding(
                        FindingCodes.ModuleOptionOverridden,
                        Severity.Information,
                        $"{module}.{setting.Name} is set again later, and the later value counts: {winner.Evidence}."
                    )
                    {
                        Evidence = setting.Evidence,
                        Remedy = "Keep one of the two.",
                    }
                );
            }
        }

        if (
            configuration.Listing.StateOf(module) == ModuleState.BuiltIn
            && configuration.Files.Options(module).FirstOrDefault() is { } unseen
        )
        {
            yield return new ModuleFinding(
                module,
                new Finding(
                    FindingCodes.ModuleBuiltInIgnoresFiles,
                    Severity.Warning,
                    $"{module} is part of this kernel, so modprobe's files do not reach it."
                )
                {
                    Evidence = unseen.Evidence,
                    Remedy = KernelWordAdvice.PutInstead(
                        configuration,
                        PlainWord.Or($"{module}.{unseen.Name}={unseen.Value ?? "1"}", "the setting")
                    ),
                    Mend = configuration.IsWsl
                        ? null
                        : new CommandCall(
                            OwnCommand.SetModule,
                            (CommandArgument.Module, module),
                            (CommandArgument.Parameter, $"{unseen.Name}={unseen.Value ?? "1"}")
                        ),
                }
            );
        }
    }

    private static IEnumerable<ModuleFinding> LoadingFindings(
        ModuleConfiguration configuration,
        string module,
        string? nestingModule
    )
    {
        bool isOfHost = nestingModule is null
            ? configuration.Listing.StateOf(module) != ModuleState.Missing
            : module == nestingModule || module == "kvm";
        if (!isOfHost || configuration.Listing.StateOf(module) is ModuleState.BuiltIn)
        {
            yield break;
        }

        Severity severity =
            configuration.Listing.StateOf(module) == ModuleState.Loaded ? Severity.Warning : Severity.Error;
        if (configuration.Files.InstallCommand(module) is { } install)
        {
            bool isNothing = ModuleConfiguration.DoesNothing(install);
            string command = ModuleConfiguration.IsBroken(install)
                ? "a command that ends in a carriage return, which no shell finds,"
                : "a command that does nothing";
            yield return new ModuleFinding(
                module,
                new Finding(
                    FindingCodes.ModuleInstallReplaced,
                    isNothing ? severity : Severity.Information,
                    isNothing
                        ? $"modprobe is told to run {command} instead of loading {module}."
                        : $"modprobe runs a command instead of loading {module} itself."
                )
                {
                    Evidence = install.Evidence,
                    Remedy = isNothing ? $"Remove the line, then run modprobe {module}." : null,
                }
            );
        }

        if (
            configuration.Files.RemoveCommand(module) is { } remove
            && !ModuleConfiguration.IsPlainUnload(module, remove)
        )
        {
            yield return new ModuleFinding(
                module,
                new Finding(
                    FindingCodes.ModuleRemoveReplaced,
                    Severity.Information,
                    $"modprobe -r runs a command instead of unloading {module} itself."
                )
                {
                    Evidence = remove.Evidence,
                    Remedy =
                        "Remove the line where it is not needed: with it, the module may not be loaded again with other options.",
                }
            );
        }

        if (configuration.Blacklist(module) is { } blacklist)
        {
            bool isHeld =
                module != "kvm"
                || nestingModule is null or "kvm"
                || configuration.CommandLine.Refusal(module) is not null;
            yield return new ModuleFinding(
                module,
                new Finding(
                    FindingCodes.ModuleBlacklisted,
                    isHeld ? severity : Severity.Information,
                    isHeld
                        ? $"{module} is blacklisted, so it is not loaded by itself at boot."
                        : $"{module} is blacklisted, which does not keep it from being loaded for {nestingModule}."
                )
                {
                    Evidence = blacklist,
                    Remedy = isHeld ? $"Remove the blacklist, then run modprobe {module}." : "Remove the line.",
                }
            );
        }
    }

    // A module that does not exist is no error to modprobe: the line just does nothing.
    private static IEnumerable<ModuleFinding> NameFindings(ModuleConfiguration configuration)
    {
        IEnumerable<(string Module, string Evidence)> lines = configuration
            .Files.Directives.Where(static directive => directive.Command is "options" or "blacklist")
            .Select(static directive => (directive.Module, directive.Evidence));
        IEnumerable<(string Module, string Evidence)> words = configuration
            .CommandLine.AllModuleOptions()
            .Select(option => (option.Module, $"{configuration.CommandLine.Source}: {option.Word}"));
        foreach ((string module, string evidence) in lines.Concat(words))
        {
            if (!module.EndsWith('\r') && Meant(module, configuration.Listing) is { } meant)
            {
                yield return new ModuleFinding(
                    meant,
                    new Finding(
                        FindingCodes.ModuleNameUnknown,
                        Severity.Warning,
                        $"There is no module {HostText.ForDisplay(module, 40)}, so this does nothing; {meant} is probably meant."
                    )
                    {
                        Evidence = evidence,
                        Remedy = $"Write {meant}.",
                    }
                );
            }
        }
    }

    private static string? Meant(string module, KvmModuleListing listing)
    {
        if (
            KvmParameterCatalog.Modules.Contains(module)
            || Array.IndexOf(s_otherModules, module) >= 0
            || listing.Present.Contains(module)
            || listing.Installed?.Contains(module) == true
        )
        {
            return null;
        }

        return module switch
        {
            "amd_kvm" or "kvm_svm" or "kvmamd" => "kvm_amd",
            "intel_kvm" or "kvm_vmx" or "kvmintel" => "kvm_intel",
            "kvm_nested" or "nested_kvm" => "kvm",
            _ => Spelling.Nearest(module, KvmParameterCatalog.Modules.Where(static name => name.Length > 6)),
        };
    }

    private static IEnumerable<ModuleFinding> FileFindings(ModprobeConfig files, string? nestingModule)
    {
        foreach (
            ModprobeBadLine line in files.BadLines.Where(static line =>
                MentionsKvm(line.Text) && !line.Text.TrimStart().StartsWith('#')
            )
        )
        {
            yield return new ModuleFinding(
                nestingModule ?? "kvm",
                new Finding(
                    FindingCodes.ModprobeLineInvalid,
                    Severity.Warning,
                    "modprobe cannot read this line, and leaves it out."
                )
                {
                    Evidence = line.Evidence,
                    Remedy = "Write: options MODULE PARAMETER=VALUE",
                }
            );
        }

        foreach (ModprobeDirective directive in files.Masked.Where(IsAboutKvm))
        {
            yield return new ModuleFinding(
                directive.Module,
                new Finding(
                    FindingCodes.ModprobeFileMasked,
                    Severity.Information,
                    "A file of the same name in an earlier directory hides this one."
                )
                {
                    Evidence = directive.Evidence,
                    Remedy = "Give the file another name if both are to count.",
                }
            );
        }

        foreach (ModprobeDirective directive in files.Unused.Where(IsAboutKvm))
        {
            bool isBackup = Array.Exists(
                s_backupEndings,
                ending => directive.Path.EndsWith(ending, StringComparison.Ordinal)
            );
            yield return new ModuleFinding(
                directive.Module,
                new Finding(
                    FindingCodes.ModprobeFileIgnored,
                    isBackup ? Severity.Information : Severity.Warning,
                    "modprobe reads only files whose names end in .conf, and so not this one."
                )
                {
                    Evidence = directive.Evidence,
                    Remedy = "Rename the file if it is to count.",
                }
            );
        }
    }

    private static bool IsAboutKvm(ModprobeDirective directive) =>
        KvmParameterCatalog.Modules.Contains(directive.Module);

    private static bool MentionsKvm(string text) =>
        text.Contains("kvm_", StringComparison.Ordinal) || text.Contains("kvm-", StringComparison.Ordinal);
}
