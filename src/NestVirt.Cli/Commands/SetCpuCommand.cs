using System.CommandLine;
using System.CommandLine.Completions;
using System.Globalization;
using NestVirt.Changes;
using NestVirt.Cli.Hosting;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt set cpu</c>: what virtual machines need so that hypervisors run in them.</summary>
internal sealed class SetCpuCommand()
    : ChangeCommand("cpu", "Sets what virtual machines need so that hypervisors run in them.")
{
    private static readonly SortedDictionary<string, VmCpuMode> s_modes = new(StringComparer.Ordinal)
    {
        ["custom"] = VmCpuMode.Custom,
        ["host-model"] = VmCpuMode.HostModel,
        ["host-passthrough"] = VmCpuMode.HostPassthrough,
        ["maximum"] = VmCpuMode.Maximum,
    };

    private readonly Option<string[]> _vms = VmOption.Create("The virtual machines");

    private readonly Option<string> _nesting = OnOff("--nesting", "Whether they see the virtualization extension.");

    private readonly Option<string> _count = new("--count")
    {
        Description = "Hyper-V: how many processors each is to have.",
        HelpName = "N",
    };

    private readonly Option<string> _threads = new("--threads")
    {
        Description = "Hyper-V: how many threads each core is to have; 0 for as many as the host's.",
        HelpName = "N",
    };

    private readonly Option<bool> _staticMemory = new("--static-memory")
    {
        Description = "Hyper-V: turn dynamic memory off: each keeps what it starts with.",
    };

    private readonly Option<string> _macSpoofing = OnOff(
        "--mac-spoofing",
        "Hyper-V: whether their network adapters may send from other MAC addresses, as those of their own guests."
    );

    private readonly Option<string> _iovWeight = new("--iov-weight")
    {
        Description =
            "Hyper-V: how much of a switch's virtual functions (SR-IOV) each network adapter may claim; 0 for none.",
        HelpName = "N",
    };

    private readonly Option<string> _vbsOptOut = OnOff(
        "--vbs-opt-out",
        "Hyper-V: whether they opt out of virtualization-based security."
    );

    private readonly Option<string> _mode = new("--mode")
    {
        Description = "KVM: where their processors come from, in libvirt's words.",
        HelpName = "MODE",
        CompletionSources = { _ => s_modes.Keys.Select(static word => new CompletionItem(word)) },
    };

    private readonly Option<string> _model = new("--model")
    {
        Description = "KVM: the model of their processors, with --mode custom.",
        HelpName = "NAME",
    };

    private readonly Option<string[]> _features = new("--feature")
    {
        Description =
            "KVM: a feature of their processors, and its policy: force, require, optional, disable or forbid. May be given again.",
        HelpName = "NAME=POLICY",
    };

    private readonly Option<string> _topology = new("--topology")
    {
        Description = "KVM: how their processors are laid out; dies and what else is not said is 1.",
        HelpName = "sockets=N,cores=N,threads=N",
    };

    private readonly Option<string> _migratable = OnOff(
        "--migratable",
        "KVM: whether what would hinder a migration is left out."
    );

    private readonly Option<bool> _windowsHypervisor = new("--windows-hypervisor")
    {
        Description = "KVM: give them what Windows wants when it runs Hyper-V.",
    };

    /// <inheritdoc/>
    protected override bool RestartsGuests => true;

    /// <inheritdoc/>
    protected override IEnumerable<Option> Options =>
        [
            _vms,
            _nesting,
            _mode,
            _model,
            _features,
            _topology,
            _migratable,
            _windowsHypervisor,
            _count,
            _threads,
            _staticMemory,
            _macSpoofing,
            _iovWeight,
            _vbsOptOut,
        ];

    /// <inheritdoc/>
    protected override ChangeRequest RequestOf(ParseResult line, List<string> words)
    {
        if (line.GetValue(_vms) is not { Length: > 0 } names)
        {
            throw new UsageException("No virtual machine is named.", "Give --vm NAME; for every one: --vm '*'");
        }

        VmCpuRequest request = new(names)
        {
            Expose = Read(line, _nesting),
            CpuCount = Number(line, _count),
            ThreadsPerCore = Number(line, _threads),
            StaticMemory = line.GetValue(_staticMemory),
            MacSpoofing = Read(line, _macSpoofing),
            IovWeight = Number(line, _iovWeight),
            VbsOptOut = Read(line, _vbsOptOut),
            Mode = ReadMode(line),
            Model = line.GetValue(_model),
            Features = Assignment.ReadAll(line.GetValue(_features) ?? [], "--feature"),
            Topology = ReadTopology(line),
            Migratable = Read(line, _migratable),
            WindowsHypervisor = line.GetValue(_windowsHypervisor),
        };
        return
            request
                is {
                    Expose: null,
                    CpuCount: null,
                    ThreadsPerCore: null,
                    StaticMemory: false,
                    MacSpoofing: null,
                    IovWeight: null,
                    VbsOptOut: null,
                    Mode: null,
                    Model: null,
                    Features.Count: 0,
                    Topology: null,
                    Migratable: null,
                    WindowsHypervisor: false,
                }
            ? throw new UsageException(
                "Nothing is asked for.",
                "Give --nesting; of KVM hosts --mode, --model, --feature, --topology, --migratable or --windows-hypervisor; of Hyper-V hosts --count, --threads, --static-memory, --mac-spoofing, --iov-weight or --vbs-opt-out."
            )
            : request;
    }

    private static Option<string> OnOff(string name, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "on|off",
            CompletionSources = { "on", "off" },
        };

    private static int? Number(ParseResult line, Option<string> option) =>
        line.GetValue(option) is null ? null : WholeNumber.Read(line, option);

    private VmCpuMode? ReadMode(ParseResult line) =>
        line.GetValue(_mode) is not { } word ? null
        : s_modes.TryGetValue(word, out VmCpuMode mode) ? mode
        : throw new UsageException($"--mode cannot be '{word}'.", $"Give one of {string.Join(", ", s_modes.Keys)}.");

    private VmCpuTopology? ReadTopology(ParseResult line)
    {
        if (line.GetValue(_topology) is not { } text)
        {
            return null;
        }

        SortedDictionary<string, string> counts = Assignment.ReadAll(text.Split(','), "--topology");
        VmCpuTopology topology = new(Take("sockets"), Take("dies"), Take("cores"), Take("threads"));
        return counts.Count == 0 ? topology : throw Invalid();

        int Take(string name) =>
            !counts.Remove(name, out string? count) ? 1
            : int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
            : throw Invalid();

        UsageException Invalid() =>
            new($"--topology cannot be '{text}'.", "Type for example: --topology sockets=1,cores=4,threads=2");
    }

    private static bool? Read(ParseResult line, Option<string> option) =>
        line.GetValue(option) switch
        {
            null => null,
            "on" => true,
            "off" => false,
            var other => throw new UsageException($"{option.Name} cannot be '{other}'.", "Give on or off."),
        };
}
