using NestVirt.Linux.Boot;
using NestVirt.Linux.Files;
using NestVirt.Linux.Machine;
using NestVirt.Linux.Modprobe;
using NestVirt.Linux.Virtualization;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.Linux.Kvm;

/// <summary>Everything a KVM host's answers say about its ability to nest, read but not yet judged.</summary>
internal sealed record KvmHostState
{
    private const string CommandLineFile = "/proc/cmdline";

    /// <summary>Gets what runs on the host.</summary>
    public required SystemFacts System { get; init; }

    /// <summary>Gets what the machine is.</summary>
    public required MachineFacts Machine { get; init; }

    /// <summary>Gets the modules as they are; null when they could not be read.</summary>
    public required KvmModuleListing? Listing { get; init; }

    /// <summary>Gets modprobe's files and this boot's command line.</summary>
    public required ModuleConfiguration Configuration { get; init; }

    /// <summary>Gets what the next boot's kernel is given.</summary>
    public required NextBoot NextBoot { get; init; }

    /// <summary>Gets the files of modprobe's that were left out.</summary>
    public IReadOnlyList<string> FilesLeftOut { get; init; } = [];

    /// <summary>Gets a value indicating whether the kernel is another one than Linux.</summary>
    public bool IsForeign { get; init; }

    /// <summary>Gets the module that decides on nesting; null when the host cannot have one, or it is not known which.</summary>
    public string? NestingModule { get; init; }

    /// <summary>Gets the machine's architecture: as the kernel names it, or null.</summary>
    public string? Architecture => System.Architecture;

    /// <summary>Gets the virtualization extension, or null.</summary>
    public string? Extension => Machine.Virtualization.Extension;

    /// <summary>Gets the probes whose answers are read.</summary>
    public static IReadOnlyList<HostProbe> Probes { get; } =
    [
        SystemProbe.Probe,
        KvmModuleProbe.Probe,
        ModprobeConfigProbe.Probe,
        BootConfigProbe.Probe,
        BootConfigProbe.RootProbe,
        .. MachineAssessor.Probes,
    ];

    /// <summary>Gets the reading of the answers.</summary>
    public static ProbeReading<KvmHostState> Reading { get; } = new(Probes, Read);

    private static KvmHostState Read(ProbeAnswers answers)
    {
        SystemFacts system = answers.Read(SystemProbe.Reading);
        MachineFacts machine = MachineAssessor.Assess(answers);
        if (
            ProcessorFamilies.OfName(machine.Architecture) is var family and not ProcessorFamily.Unknown
            && family != ProcessorFamilies.OfName(system.Architecture)
        )
        {
            machine = system.Architecture is { } uname
                ? machine with
                {
                    Findings = [.. machine.Findings, ArchitectureFindings.Uname(uname, machine.Architecture!)],
                }
                : machine;
            system = system with { Architecture = machine.Architecture };
        }

        ProbeAnswer modules = answers[KvmModuleProbe.Probe];
        KvmModuleListing? listing = modules.IsAvailable ? answers.Read(KvmModuleProbe.Reading) : null;
        KernelCommandLine present = new(system.CommandLine ?? string.Empty, CommandLineFile);
        return new KvmHostState
        {
            System = system with { Container = machine.Container },
            Machine = machine,
            Listing = listing,
            Configuration = new ModuleConfiguration(
                answers.Read(ModprobeConfigProbe.Reading),
                present,
                listing ?? new KvmModuleListing()
            )
            {
                Architecture = system.Architecture,
                KernelRelease = system.KernelRelease,
                IsWsl = machine.IsWsl,
            },
            NextBoot = NextBootResolver.Resolve(answers.Read(BootConfigProbe.Reading), present),
            FilesLeftOut = LeftOutFiles.In(answers, [ModprobeConfigProbe.Probe]),
            IsForeign = SystemProbe.IsForeign(answers[SystemProbe.Probe].Text),
            NestingModule = FindModule(system, machine, listing),
        };
    }

    // Where the processor does not tell, the module that runs does.
    private static string? FindModule(SystemFacts system, MachineFacts machine, KvmModuleListing? listing) =>
        KvmArchitecture.NestingModule(system.Architecture, machine.Cpu.Vendor, machine.Virtualization.Extension)
        ?? KvmArchitecture
            .Modules(system.Architecture, machine.Virtualization.Extension)
            .Skip(1)
            .FirstOrDefault(module => listing?.FindLoaded(module) is not null);
}
