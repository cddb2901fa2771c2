using System.Globalization;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Virtualization;

/// <summary>Judges the hypervisor mode of POWER, and who may nest in it.</summary>
/// <remarks>
/// arch/powerpc/kvm of Linux 6.12. book3s_hv_nested.c, kvmhv_nested_init: a partition runs KVM-HV with radix page tables
/// only, by PAPR's API (v2) where its hypervisor has it, else by KVM's own (v1). book3s_hv.c, kvmhv_enable_nested: guests
/// may nest from POWER9 (ISA 3.0) on, with radix page tables, and not under the API v2. book3s_pr.c: kvm_pr runs guests
/// without the hypervisor mode. PowerVM has the API v2 for partitions in POWER10 mode (Documentation/arch/powerpc/kvm-nested.rst).
/// </remarks>
/// <param name="cpu">What the kernel says.</param>
/// <param name="reading">What the machine shows of a hypervisor.</param>
/// <param name="hypervisor">Who runs the machine.</param>
internal sealed class PowerVirtualization(CpuReading cpu, HypervisorReading reading, HypervisorVerdict hypervisor)
{
    private const string KvmHv = "KVM-HV";
    private const string HashEvidence = "/proc/cpuinfo: MMU: Hash";
    private const int FirstThatNests = 9;

    private string Name => cpu.Info["cpu"] ?? string.Empty;

    private bool IsBareMetal => PowerSigns.IsBareMetal(reading, cpu.Info);

    private bool HasHashTables => cpu.Info["MMU"] == "Hash";

    // "POWER9, altivec supported", "POWER8E (raw)", "Power11 (architected)"
    private int? Generation =>
        Name.StartsWith("POWER", StringComparison.OrdinalIgnoreCase)
        && int.TryParse(
            new string([.. Name.Skip("POWER".Length).TakeWhile(char.IsAsciiDigit)]),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out int number
        )
            ? number
            : null;

    private bool IsTooOld => Generation < FirstThatNests;

    private string NameEvidence => $"/proc/cpuinfo: cpu: {HostText.ForDisplay(Name, 80)}";

    /// <summary>Judges.</summary>
    /// <returns>What is proved.</returns>
    public VirtualizationVerdict Assess()
    {
        if (cpu.Runs("kvm_hv"))
        {
            return Available("kvm_hv runs.", $"/sys/module/kvm_hv: {cpu.Modules["kvm_hv"]}");
        }

        if (IsBareMetal)
        {
            return Available("The kernel runs in hypervisor mode.", "/proc/cpuinfo: platform: PowerNV");
        }

        return hypervisor.IsGuest || cpu.Info["platform"] == "pSeries" ? AssessPartition()
            : cpu.Info["platform"] == "PowerMac"
                ? Absent("The processor has no hypervisor mode that KVM uses.", "/proc/cpuinfo: platform: PowerMac")
            : new VirtualizationVerdict(
                null,
                VirtualizationState.Unknown,
                "Nothing shows whether the kernel runs in the processor's hypervisor mode.",
                null
            );
    }

    private VirtualizationVerdict AssessPartition() =>
        IsTooOld
            ? Absent("A partition of this processor has no hypervisor mode.", NameEvidence) with
            {
                Remedy =
                    "KVM nests from POWER9 on: use a guest on such a machine, or a machine that runs Linux without a hypervisor.",
            }
        : HasHashTables
            ? Absent("This partition uses hash page tables, and kvm_hv needs radix ones in it.", HashEvidence) with
            {
                Remedy = Unhashed ?? RadixFromBelow,
            }
        : new VirtualizationVerdict(
            null,
            VirtualizationState.Unknown,
            $"Whether this partition may nest shows when kvm_hv loads, and it is not loaded.{BySoftware}",
            null
        )
        {
            Remedy = "Run: modprobe kvm_hv",
            NestingObstacle = Obstacle,
        };

    private string RadixFromBelow =>
        hypervisor.Sign?.Vendor == "pHyp"
            ? "PowerVM gives radix page tables to partitions in POWER10 mode or later: choose that mode and the KVM capability on the management console, with this partition off."
            : "Let the hypervisor below give this guest radix page tables, on a host that has them itself.";

    private string BySoftware =>
        cpu.Runs("kvm_pr") ? " KVM runs here without it, slowly, by software (kvm_pr)." : string.Empty;

    private Finding? Obstacle =>
        IsBareMetal && IsTooOld
            ? Cannot(
                "KVM of this processor runs guests that cannot nest: that came with POWER9.",
                NameEvidence,
                "Use a machine with POWER9 or later."
            )
        : HasHashTables
            ? Cannot(
                "The kernel uses hash page tables: kvm_hv lets guests nest with radix ones only.",
                HashEvidence,
                Unhashed
            )
        : !IsBareMetal && hypervisor.Sign?.Vendor == "pHyp"
            ? Cannot(
                "PowerVM runs the guests of this partition (PAPR's nested API), and lets them run none of their own.",
                hypervisor.Sign.Evidence,
                "Run hypervisors in this partition itself, or on a POWER machine that runs Linux without PowerVM."
            )
        : null;

    private string? Unhashed =>
        cpu.Options.Any(static option => option.StartsWith("disable_radix", StringComparison.Ordinal))
            ? "Take disable_radix off the kernel command line, and reboot."
            : null;

    private VirtualizationVerdict Available(string reason, string evidence) =>
        new(KvmHv, VirtualizationState.Available, reason, evidence) { NestingObstacle = Obstacle };

    private VirtualizationVerdict Absent(string reason, string evidence) =>
        new(null, VirtualizationState.NotAvailable, reason + BySoftware, evidence);

    private static Finding Cannot(string message, string evidence, string? remedy) =>
        new(FindingCodes.ArchitectureCannotNest, Severity.Error, message) { Evidence = evidence, Remedy = remedy };
}
