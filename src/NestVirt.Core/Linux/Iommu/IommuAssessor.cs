using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Pci;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Text;
using NestVirt.Transport.Recorded;

namespace NestVirt.Linux.Iommu;

/// <summary>Tells from a host's answers whether its IOMMU works, by effect and not by settings.</summary>
internal static class IommuAssessor
{
    private const string CommandLineFile = "/proc/cmdline";

    /// <summary>Weighs the answers in brief.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <returns>The IOMMU in brief; Unknown where the answer is missing.</returns>
    /// <exception cref="ProbeFormatException">An answer cannot be read.</exception>
    public static IommuSummary Summarize(ProbeAnswers answers)
    {
        IommuFacts facts = Read(answers);
        IommuState state = StateOf(facts);
        if (state == IommuState.Unknown && facts.XenControlDomain is null && CountLinks(answers) is > 0 and int count)
        {
            return new IommuSummary(IommuState.On, count);
        }

        IommuGroupFacts[] groups = [.. facts.Groups.Where(static group => group.IsTranslated)];
        return new IommuSummary(state, state == IommuState.Unknown ? null : groups.Length)
        {
            DefaultDomainType = MostFrequent(groups.Select(static group => group.Type)),
            HasInterruptRemapping = HasInterruptRemapping(facts, answers),
            FirmwareTable = facts.Description,
        };
    }

    /// <summary>Names what about the IOMMU deserves attention.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <returns>The findings, in no order of weight.</returns>
    /// <exception cref="ProbeFormatException">An answer cannot be read.</exception>
    public static IReadOnlyList<Finding> Findings(ProbeAnswers answers)
    {
        ProbeAnswer answer = answers[IommuProbe.Probe];
        if (!answer.IsAvailable)
        {
            return [];
        }

        IommuFacts facts = answers.Read(IommuProbe.Reading);
        IommuOptions options = new(facts.CommandLine);
        IommuState state = StateOf(facts);
        if (facts.XenControlDomain is not null)
        {
            return [IommuOffReasons.Xen(facts)];
        }

        IommuMachine machine = IommuMachine.Read(answers);
        return
        [
            .. state == IommuState.Off ? new[] { IommuOffReasons.Find(machine) }.OfType<Finding>() : [],
            .. OptionFindings(machine, state),
            .. PassthroughFindings(machine, state),
            .. AcsFindings(options, answers),
            .. InterruptFindings(facts, options, HasInterruptRemapping(facts, answers), state),
            .. VfioWishFindings.OfList(new VfioWishes(facts, PciDeviceInventory.Modprobe(answers))),
        ];
    }

    /// <summary>Reads the answer of the IOMMU probe; one that is missing says nothing.</summary>
    internal static IommuFacts Read(ProbeAnswers answers)
    {
        ProbeAnswer answer = answers[IommuProbe.Probe];
        return answer.IsAvailable ? answers.Read(IommuProbe.Reading) : new IommuFacts();
    }

    private static IommuState StateOf(IommuFacts facts) =>
        facts.XenControlDomain is not null ? IommuState.Unknown
        : facts.Groups.Any(static group => group.IsTranslated) ? IommuState.On
        : facts.HasGroupDirectory || facts.IsLive ? IommuState.Off
        : IommuState.Unknown;

    // A tree may lack the directory of groups, and still hold the devices' links to their groups.
    private static int CountLinks(ProbeAnswers answers) =>
        PciInventory
            .Read(answers, HostTarget.Local)
            .Select(static device => device.IommuGroup)
            .OfType<int>()
            .Distinct()
            .Count();

    private static string? MostFrequent(IEnumerable<string?> types) =>
        types
            .OfType<string>()
            .CountBy(static type => type)
            .OrderByDescending(static count => count.Value)
            .ThenBy(static count => count.Key, StringComparer.Ordinal)
            .Select(static count => count.Key)
            .FirstOrDefault();

    private static bool? HasInterruptRemapping(IommuFacts facts, ProbeAnswers answers)
    {
        if (InterruptRemapping.IsOn(facts) is { } isOn)
        {
            return isOn;
        }

        return
            KernelLogProbe.Parse(answers).Find("Enabled IRQ remapping in", "AMD-Vi: Interrupt remapping enabled")
                is null
            ? null
            : true;
    }

    private static IEnumerable<Finding> OptionFindings(IommuMachine machine, IommuState state)
    {
        // What is of no use misleads while the IOMMU is off; while it is on, it only should be known.
        Severity severity = state == IommuState.Off ? Severity.Warning : Severity.Information;
        if (!machine.IsX86)
        {
            foreach (string name in new[] { "intel_iommu", "amd_iommu" })
            {
                if (machine.Options.FindName(name) is { } word)
                {
                    yield return Foreign(
                        word,
                        $"{word} is a word of x86 kernels, and this machine is {HostText.ForDisplay(machine.Architecture!, 20)}: nothing reads it.",
                        severity
                    );
                }
            }

            yield break;
        }

        foreach ((string word, string name, string value, string known) in machine.Options.UselessValues())
        {
            // A word for the other vendor's IOMMU is told of as one.
            if ((name == "amd_iommu" && machine.IsIntel) || (name == "intel_iommu" && machine.IsAmd))
            {
                continue;
            }

            yield return new Finding(FindingCodes.IommuOptionUseless, severity, UselessMessage(name, value))
            {
                Evidence = Quote(word),
                Remedy =
                    $"Remove {PlainWord.Or(value, "that value")} from {name}= on the kernel command line; nothing changes without it.",
                Mend = known.Length == 0 ? Remove(name) : Replace(name, known),
            };
        }

        if (machine.IsAmd && !machine.IsIntel && machine.Options.FindName("intel_iommu") is { } intel)
        {
            yield return OtherVendor(intel, "Intel", "AMD", severity);
        }

        if (machine.IsIntel && !machine.IsAmd && machine.Options.FindName("amd_iommu") is { } amd)
        {
            yield return OtherVendor(amd, "AMD", "Intel", severity);
        }
    }

    private static string UselessMessage(string name, string value) =>
        name switch
        {
            "amd_iommu" when value.StartsWith("on", StringComparison.Ordinal) =>
                "amd_iommu=on is no option of the kernel: it notes \"Unknown option\" and goes on. The AMD IOMMU is on by default.",
            "amd_iommu" when value.StartsWith("pt", StringComparison.Ordinal) =>
                "amd_iommu=pt is no option of the kernel; pass-through of the host's own devices is iommu=pt.",
            "iommu" when char.IsAsciiDigit(value[0]) || value == "on" =>
                $"iommu={value} does not turn an IOMMU on: the kernel has no such value.",
            _ => $"The kernel does not know the value {value} of {name}= and ignores it.",
        };

    private static Finding OtherVendor(string option, string its, string here, Severity severity) =>
        Foreign(option, $"{option} is for {its}'s IOMMU, and this machine has {here}'s: it does nothing.", severity);

    private static Finding Foreign(string option, string message, Severity severity) =>
        new(FindingCodes.IommuOptionOtherVendor, severity, message)
        {
            Evidence = Quote(option),
            Remedy = $"Remove {PlainWord.Or(option, "that word")} from the kernel command line.",
            Mend = Remove(option),
        };

    private static CommandCall Remove(string word) =>
        new(OwnCommand.SetKernel, (CommandArgument.RemovedKernelWord, word));

    // Of one name only the word that is set stays.
    private static CommandCall Replace(string name, string value) =>
        new(OwnCommand.SetKernel, (CommandArgument.KernelWord, $"{name}={value}"));

    private static IEnumerable<Finding> PassthroughFindings(IommuMachine machine, IommuState state)
    {
        IommuFacts facts = machine.Facts;

        // Other kernels than those of x86 know iommu.passthrough= alone.
        bool isForeign =
            !machine.IsX86 && machine.Options.FindName("iommu") is not null && machine.Architecture is not "ia64";
        if (isForeign && machine.IsArm)
        {
            string word = machine.Options.FindName("iommu")!;
            yield return Foreign(
                word,
                $"{word} is a word of x86 kernels: on {HostText.ForDisplay(machine.Architecture!, 20)} it is iommu.passthrough=1, and that turns no IOMMU on.",
                Severity.Information
            );
        }

        if (
            machine.Options.PassthroughOption is { } option
            && !(isForeign && !option.Contains('.', StringComparison.Ordinal))
        )
        {
            yield return new Finding(
                FindingCodes.IommuPassthrough,
                Severity.Information,
                state == IommuState.On
                    ? "The host's own devices bypass translation; that is a choice for speed and does not turn the IOMMU on. Devices given to guests are isolated all the same."
                    : $"{option} does not turn the IOMMU on: it only lets the host's own devices bypass one that is."
            )
            {
                Evidence = Quote(option),
                Remedy =
                    state == IommuState.On
                        ? "Leave it, or boot with translation where drivers and devices of the host are not trusted."
                        : null,
                Mend =
                    state == IommuState.On
                        ? new CommandCall(OwnCommand.EnableIommu, (CommandArgument.Passthrough, "no"))
                        : null,
            };
        }
        else if (state == IommuState.On && MostFrequent(facts.Groups.Select(static group => group.Type)) == "identity")
        {
            yield return new Finding(
                FindingCodes.IommuPassthrough,
                Severity.Information,
                "The host's own devices bypass translation, by the kernel's default; devices given to guests are isolated all the same."
            )
            {
                Evidence = "/sys/kernel/iommu_groups/*/type: identity",
            };
        }
    }

    private static IEnumerable<Finding> AcsFindings(IommuOptions options, ProbeAnswers answers)
    {
        if (options.AcsOverrideOption is { } acsOverride)
        {
            yield return IsOverrideInEffect(answers)
                ? new Finding(
                    FindingCodes.AcsOverride,
                    Severity.Warning,
                    "The ACS override claims isolation that the hardware does not give: devices in groups apart may still reach one another's memory."
                )
                {
                    Evidence = Quote(acsOverride),
                    Remedy =
                        "Remove it, or accept that guests with such devices are not isolated from each other and from the host.",
                    Mend = Remove(acsOverride),
                }
                : new Finding(
                    FindingCodes.AcsOverrideIdle,
                    Severity.Information,
                    "The ACS override splits no group here: the kernel lacks the patch, or there is nothing to split."
                )
                {
                    Evidence = Quote(acsOverride),
                    Remedy = "Remove it from the kernel command line; nothing changes without it.",
                    Mend = Remove(acsOverride),
                };
        }

        if (options.AcsRelaxedOption is { } relaxed)
        {
            yield return new Finding(
                FindingCodes.AcsRelaxed,
                Severity.Information,
                "The kernel command line changes Access Control Services of some devices, and with them the groups."
            )
            {
                Evidence = Quote(relaxed),
            };
        }
    }

    // Where the functions of the host are not known, the option is taken by its word.
    private static bool IsOverrideInEffect(ProbeAnswers answers)
    {
        IReadOnlyList<IommuGroup> groups = PciInventory.UnavailableReason(answers) is null
            ? IommuInventory.Read(answers, HostTarget.Local)
            : [];
        return groups.Count == 0
            || groups.Any(static group => group.Reasons.Any(static reason => reason.Code == FindingCodes.AcsOverride));
    }

    private static IEnumerable<Finding> InterruptFindings(
        IommuFacts facts,
        IommuOptions options,
        bool? isRemapped,
        IommuState state
    )
    {
        if (state == IommuState.On && isRemapped == false)
        {
            yield return InterruptRemapping.Off(facts) with
            {
                Mend = options.InterruptOption is { } option ? Remove(option) : null,
            };
        }

        foreach (
            (string parameter, string value) in facts.VfioParameters.Where(static pair => pair.Value is "Y" or "1")
        )
        {
            yield return new Finding(
                FindingCodes.VfioUnsafe,
                Severity.Warning,
                $"{parameter} is on, so VFIO hands out devices without isolation."
            )
            {
                Evidence = $"/sys/module/{parameter.Replace(".", "/parameters/", StringComparison.Ordinal)}: {value}",
                Remedy = $"Set {PlainWord.Or(parameter, "it")} to N, and remove it from modprobe's configuration.",
            };
        }
    }

    internal static string Quote(string option) =>
        $"{CommandLineFile}: {HostText.ForDisplay(option, maximumLength: 200)}";
}
