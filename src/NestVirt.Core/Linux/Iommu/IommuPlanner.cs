using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Linux.Boot;
using NestVirt.Linux.Boot.Loaders;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Iommu;

/// <summary>Plans the IOMMU on or off, by the values that the kernel knows and this machine needs, and no others.</summary>
/// <remarks>
/// drivers/iommu/intel/iommu.c and drivers/iommu/amd/init.c: Intel's is off unless CONFIG_INTEL_IOMMU_DEFAULT_ON or
/// intel_iommu=on says otherwise; AMD's is on unless amd_iommu=off, and knows no value on. iommu=pt turns none on.
/// </remarks>
internal static class IommuPlanner
{
    private const string Intel = "intel_iommu";
    private const string Amd = "amd_iommu";
    private const string Common = "iommu";

    private static readonly KernelListElement[] s_off = [new(Intel, "off"), new(Amd, "off"), new(Common, "off")];

    // Words that guides name and no kernel takes.
    private static readonly KernelListElement[] s_useless =
    [
        new(Amd, "on"),
        new(Amd, "pt"),
        new(Intel, "pt"),
        new(Common, "on"),
        new(Common, "1"),
    ];

    // The kernel's Documentation/admin-guide/kernel-parameters.txt, without on and off.
    private static readonly string[] s_intelElements =
    [
        "igfx_off",
        "strict",
        "sp_off",
        "sm_on",
        "sm_off",
        "tboot_noforce",
        "forcedac",
        "nobounce",
    ];

    private static readonly KernelListElement[] s_passthrough =
    [
        new(Common, "pt"),
        new(Common, "nopt"),
        new(Common, "nobypass"),
    ];

    /// <summary>Gets the probes whose answers are read.</summary>
    public static IReadOnlyList<HostProbe> Probes { get; } =
    [.. BootSystem.Probes, HostIdentityProbe.Probe, IommuProbe.Probe, VfioUsersProbe.Probe];

    /// <summary>Plans what a request asks for.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">On or off, and pass-through of the host's own devices.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The changes that are missing; none where the IOMMU is as wanted, now and at the next boot.</returns>
    /// <exception cref="ChangeRefusedException">The firmware hides the IOMMU, the kernel does not take it, or it is in use.</exception>
    public static ChangePlan Plan(HostTarget target, IommuRequest request, ProbeAnswers answers)
    {
        IommuFacts facts = answers.Read(IommuProbe.Reading);
        if (facts.XenControlDomain is not null)
        {
            throw new ChangeRefusedException(IommuOffReasons.Xen(facts) with { Severity = Severity.Error });
        }

        BootSystem system = answers.Read(BootSystem.Reading);
        bool isOn = facts.Groups.Any(static group => group.IsTranslated);
        IommuMachine machine = new()
        {
            Facts = facts,
            Options = new IommuOptions(system.Present.Text),
            Architecture = system.Architecture,
            Way = system.Way,
        };
        KernelWordChange change = request.Enable
            ? Enable(system, machine, isOn, request)
            : Disable(facts, isOn, request, answers);
        HostIdentity identity = HostIdentityProbe.Read(answers);
        if (IsDone(system, change, request.Enable == isOn))
        {
            return new ChangePlan(target, request, identity, []);
        }

        // The words are there, and how the host boots need not be known to say that they do not help.
        bool hasWords = request.Enable && !isOn && change.IsMet(system.Present.Text);
        if (hasWords && BootDrivers.TryFind(system) is null)
        {
            throw new ChangeRefusedException(Unused(machine, system));
        }

        KernelParameterPlan plan = Make(system, change, request, request.Enable && isOn);
        bool isInVain = request.Enable && !isOn && plan.Changes.Count == 0 && plan.Pending.Count == 0;
        return isInVain
            ? throw new ChangeRefusedException(Unused(machine, system))
            : new ChangePlan(target, request, identity, plan.Changes)
            {
                Findings = [.. plan.Findings, .. Misspelt(system, change)],
                Pending = plan.Pending,
            };
    }

    // What stays misspelt on the line is told of.
    private static IEnumerable<Finding> Misspelt(BootSystem system, KernelWordChange change) =>
        KernelWordFindings
            .OnLine(system.Present)
            .Where(finding =>
                !change.Remove.Any(word => finding.Evidence!.EndsWith($": {word}", StringComparison.Ordinal))
                && !change.Set.Any(word => finding.Remedy!.StartsWith($"Write {word} ", StringComparison.Ordinal))
            );

    // Where the IOMMU is on and only words go that no kernel takes, nothing waits for the boot that loses them.
    private static KernelParameterPlan Make(BootSystem system, KernelWordChange change, IommuRequest request, bool isOn)
    {
        KernelWordChange needed = change with { RemoveElements = [.. change.RemoveElements.Except(s_useless)] };
        if (!isOn || !needed.IsMet(system.Present.Text) || change.IsMet(system.Present.Text))
        {
            return KernelParameterPlan.Make(system, change, request.ReplaceConflict);
        }

        Finding useless = new(
            FindingCodes.IommuWordsUseless,
            Severity.Information,
            "The IOMMU is on. The kernel's command line has words for it that no kernel takes, and they do nothing."
        )
        {
            Evidence = $"{system.Present.Source}: {HostText.ForDisplay(system.Present.Text.Trim(), 200)}",
        };
        try
        {
            KernelParameterPlan plan = KernelParameterPlan.Make(system, change, request.ReplaceConflict);
            return plan with
            {
                Findings = [.. plan.Changes.Count > 0 ? new[] { useless } : [], .. plan.Findings],
                Pending = [],
            };
        }
        catch (ChangeRefusedException)
        {
            return new KernelParameterPlan([], [useless], []);
        }
    }

    // As wanted by effect, now and at the next boot. Where the way of booting is known, its files say so, too.
    private static bool IsDone(BootSystem system, KernelWordChange change, bool isAsWanted)
    {
        if (!isAsWanted || !change.IsMet(system.Present.Text))
        {
            return false;
        }

        return BootDrivers.TryFind(system)?.Next() is not { } next
            || (next.AssumedBecause is null && next.Candidates.All(line => change.IsMet(line.Text)));
    }

    private static KernelWordChange Enable(BootSystem system, IommuMachine machine, bool isOn, IommuRequest request)
    {
        IommuFacts facts = machine.Facts;
        if (!isOn && facts.HasAcpiTables && facts.Description is null)
        {
            throw new ChangeRefusedException(IommuOffReasons.NotDescribed(machine) with { Severity = Severity.Error });
        }

        // The vendor's word is needed where the default is off.
        bool isIntel = IsIntel(facts);
        bool needsWord =
            isIntel
            && !system.Has("config", "CONFIG_INTEL_IOMMU_DEFAULT_ON=y")
            && (!isOn || system.Present.Arguments.Any(static argument => argument.Text == $"{Intel}=on"));
        IEnumerable<KernelListElement> gone = s_off
            .Concat(s_useless)
            .Concat(request.Passthrough is null ? [] : s_passthrough.Skip(request.Passthrough == true ? 1 : 0));
        string[] words =
        [
            .. needsWord && !HasElement(system.Present, Intel, "on")
                ? [$"{Intel}={string.Join(',', ["on", .. OtherElements(system.Present)])}"]
                : Array.Empty<string>(),
            .. request.Passthrough == true && !HasElement(system.Present, Common, "pt")
                ? ["iommu=pt"]
                : Array.Empty<string>(),
        ];
        string[] misspelt = needsWord
            ?
            [
                .. KernelWordSpelling
                    .Find(system.Present.Text)
                    .Where(static word =>
                        PlainWord.Is(word.Written)
                        && new IommuOptions(word.Meant).IntelOn is not null
                        && KernelWordTable.Key(KernelWordChange.Parse(word.Written).Name) != Intel
                    )
                    .Select(static word => word.Written),
            ]
            : [];
        return new KernelWordChange(
            words,
            [.. request.Passthrough == false ? ["iommu.passthrough"] : misspelt[..0], .. misspelt]
        )
        {
            RemoveElements = [.. gone],
        };
    }

    private static KernelWordChange Disable(IommuFacts facts, bool isOn, IommuRequest request, ProbeAnswers answers)
    {
        IReadOnlyList<string> users = VfioUsersProbe.Read(answers);
        if (users.Count > 0 && !request.Force)
        {
            throw new ChangeRefusedException(
                new Finding(
                    FindingCodes.IommuInUse,
                    Severity.Error,
                    $"Devices are handed out through VFIO, and would not be after the next boot: {string.Join(", ", users)}."
                )
                {
                    Evidence = "/dev/vfio is open",
                    Remedy = Advice.Of(
                        $"Shut these guests down and take the devices from them, or use {ChangeSwitch.Force}."
                    ),
                }
            );
        }

        bool isAmd =
            facts.Tables.Contains("IVRS")
            || facts.Units.Any(static unit => unit.StartsWith("ivhd", StringComparison.Ordinal));
        if (isOn && !isAmd && !IsIntel(facts))
        {
            throw new ChangeRefusedException(
                new Finding(
                    FindingCodes.IommuNotSwitchable,
                    Severity.Error,
                    "The kernel has no parameter that turns this IOMMU off."
                )
                {
                    Evidence =
                        facts.Units.Count > 0 ? $"/sys/class/iommu: {string.Join(", ", facts.Units.Take(4))}" : null,
                    Remedy = "Turn it off in the firmware setup.",
                }
            );
        }

        string[] words =
            !isOn ? []
            : IsIntel(facts) ? [$"{Intel}=off"]
            : [$"{Amd}=off"];
        return new KernelWordChange(words, []) { RemoveElements = isOn ? [] : [new KernelListElement(Intel, "on")] };
    }

    private static bool IsIntel(IommuFacts facts) =>
        facts.Tables.Contains("DMAR")
        || facts.Units.Any(static unit => unit.StartsWith("dmar", StringComparison.Ordinal));

    // What an administrator set beside on and off, such as igfx_off for a console that does not work otherwise.
    private static IEnumerable<string> OtherElements(KernelCommandLine line) =>
        line
            .Arguments.Where(static argument => KernelWordChange.NameOf(argument) == Intel)
            .SelectMany(static argument => argument.Value?.Split(',') ?? [])
            .Where(static element => s_intelElements.Contains(element))
            .Distinct();

    // A word of several values that has this one is kept as it is.
    private static bool HasElement(KernelCommandLine line, string name, string element) =>
        line.Arguments.Any(argument =>
            KernelWordChange.NameOf(argument) == name
            && argument.Value?.Contains(',', StringComparison.Ordinal) == true
            && argument.Value.Split(',').Contains(element)
        );

    private static Finding Unused(IommuMachine machine, BootSystem system) =>
        (machine.Options.IntelOn is not null || machine.Facts.Description != "DMAR")
        && IommuOffReasons.Find(machine) is { } reason
            ? reason with
            {
                Severity = Severity.Error,
            }
            : new Finding(
                FindingCodes.IommuOff,
                Severity.Error,
                "The kernel is told to use the IOMMU, or needs not be told, and does not use it."
            )
            {
                Evidence =
                    $"{system.Present.Source}: {HostText.ForDisplay(system.Present.Text.Trim(), 200)}; firmware: {(machine.Facts.Tables.Count > 0 ? string.Join(", ", machine.Facts.Tables) : "unknown")}",
                Remedy = "Look in the kernel log for lines of DMAR or AMD-Vi, which say why.",
            };
}
