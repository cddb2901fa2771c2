using System.CommandLine;
using NestVirt.Changes;
using NestVirt.Cli.Hosting;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt set cpu</c>: what virtual machines need so that hypervisors run in them.</summary>
internal sealed class SetCpuCommand()
    : ChangeCommand("cpu", "Sets what virtual machines of Hyper-V hosts need so that hypervisors run in them.")
{
    private readonly Option<string[]> _vms = VmOption.Create("The virtual machines");

    private readonly Option<string> _nesting = OnOff("--nesting", "Whether they see the virtualization extension.");

    private readonly Option<string> _count = new("--count")
    {
        Description = "How many processors each is to have.",
        HelpName = "N",
    };

    private readonly Option<string> _threads = new("--threads")
    {
        Description = "How many threads each core is to have; 0 for as many as the host's.",
        HelpName = "N",
    };

    private readonly Option<bool> _staticMemory = new("--static-memory")
    {
        Description = "Turn dynamic memory off: each keeps what it starts with.",
    };

    private readonly Option<string> _macSpoofing = OnOff(
        "--mac-spoofing",
        "Whether their network adapters may send from other MAC addresses, as those of their own guests."
    );

    private readonly Option<string> _iovWeight = new("--iov-weight")
    {
        Description = "How much of a switch's virtual functions (SR-IOV) each network adapter may claim; 0 for none.",
        HelpName = "N",
    };

    private readonly Option<string> _vbsOptOut = OnOff(
        "--vbs-opt-out",
        "Whether they opt out of virtualization-based security."
    );

    /// <inheritdoc/>
    protected override bool RestartsGuests => true;

    /// <inheritdoc/>
    protected override IEnumerable<Option> Options =>
        [_vms, _nesting, _count, _threads, _staticMemory, _macSpoofing, _iovWeight, _vbsOptOut];

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
                }
            ? throw new UsageException(
                "Nothing is asked for.",
                "Give --nesting, --count, --threads, --static-memory, --mac-spoofing, --iov-weight or --vbs-opt-out."
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

    private static bool? Read(ParseResult line, Option<string> option) =>
        line.GetValue(option) switch
        {
            null => null,
            "on" => true,
            "off" => false,
            var other => throw new UsageException($"{option.Name} cannot be '{other}'.", "Give on or off."),
        };
}
