using System.CommandLine;
using System.CommandLine.Completions;
using NestVirt.Changes;
using NestVirt.Cli.Hosting;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt set sriov</c>: virtual functions, and settings of one of them.</summary>
internal sealed class SetSriovCommand()
    : ChangeCommand("sriov", "Sets how many virtual functions a device has, or settings of one of them.")
{
    private static readonly string[] s_settings = ["mac", "vlan", "qos", "trust", "spoofchk", "state"];

    private readonly Option<string> _address = new("--address")
    {
        Description = "The device, such as 0000:01:00.0.",
        HelpName = "ADDRESS",
        Required = true,
    };

    private readonly Option<string> _count = new("--count")
    {
        Description = "How many virtual functions there shall be.",
        HelpName = "N",
    };

    private readonly Option<string> _bind = new("--bind-drivers")
    {
        Description = "Whether the host binds drivers to new ones.",
        HelpName = "yes|no",
        CompletionSources = { "yes", "no" },
    };

    private readonly Option<string> _function = new("--vf")
    {
        Description = "The virtual function that --set is for, from 0 on.",
        HelpName = "N",
    };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "A setting of that function: mac, vlan, qos, trust, spoofchk or state. May be given again.",
        HelpName = "NAME=VALUE",
        CompletionSources = { _ => s_settings.Select(static name => new CompletionItem($"{name}=")) },
    };

    private readonly Option<bool> _temporary = new("--temporary") { Description = "Only until the next boot." };

    /// <inheritdoc/>
    protected override IEnumerable<Option> Options => [_address, _count, _bind, _function, _set, _temporary];

    /// <inheritdoc/>
    protected override ChangeRequest RequestOf(ParseResult line, List<string> words)
    {
        SortedDictionary<string, string> settings = Assignment.ReadAll(line.GetValue(_set) ?? [], "--set");
        string? bind = line.GetValue(_bind);
        if ((settings.Count > 0) != (line.GetValue(_function) is not null))
        {
            throw new UsageException("--vf and --set need each other.", "Type for example: --vf 0 --set vlan=100");
        }

        if (line.GetValue(_count) is null && bind is null && settings.Count == 0)
        {
            throw new UsageException("Nothing is asked for.", "Give --count, --bind-drivers, or --vf and --set.");
        }

        return new VirtualFunctionRequest(
            line.GetValue(_address)!,
            line.GetValue(_count) is null ? null : WholeNumber.Read(line, _count)
        )
        {
            BindDrivers = bind switch
            {
                null => null,
                "yes" => true,
                "no" => false,
                _ => throw new UsageException($"--bind-drivers cannot be '{bind}'.", "Give yes or no."),
            },
            Index = line.GetValue(_function) is null ? null : WholeNumber.Read(line, _function),
            Settings = settings,
            IsTemporary = line.GetValue(_temporary),
        };
    }
}
