using System.CommandLine;
using NestVirt.Changes;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt enable nesting</c> and <c>nestvirt disable nesting</c>.</summary>
/// <param name="enable">Which of them.</param>
internal sealed class NestingCommand(bool enable)
    : ChangeCommand(
        "nesting",
        enable ? "Lets guests of a host run hypervisors." : "Keeps guests of a host from running hypervisors."
    )
{
    private readonly Option<string[]> _parameters = new("--parameter")
    {
        Description = "Another parameter of the same module, such as enable_shadow_vmcs=1. May be given again.",
        HelpName = "NAME=VALUE",
    };

    private readonly Option<string[]> _vms = VmOption.Create("Only these virtual machines");

    /// <inheritdoc/>
    protected override IEnumerable<Option> Options => [_vms, _parameters];

    /// <inheritdoc/>
    protected override ChangeRequest RequestOf(ParseResult line, List<string> words) =>
        new NestingRequest(enable)
        {
            VmNames = line.GetValue(_vms) is { Length: > 0 } names ? names : null,
            Parameters = Assignment.ReadAll(line.GetValue(_parameters) ?? [], "--parameter"),
        };
}
