using System.CommandLine;
using NestVirt.Changes;
using NestVirt.Cli.Hosting;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt enable iommu</c> and <c>nestvirt disable iommu</c>.</summary>
/// <param name="enable">Which of them.</param>
internal sealed class IommuSwitchCommand(bool enable)
    : ChangeCommand(
        "iommu",
        enable
            ? "Turns the IOMMU on at the next boot, with what this host needs and no more."
            : "Turns the IOMMU off at the next boot."
    )
{
    private readonly Option<string> _passthrough = new("--passthrough")
    {
        Description = "Whether the host's own devices bypass translation (iommu=pt).",
        HelpName = "yes|no",
        CompletionSources = { "yes", "no" },
    };

    /// <inheritdoc/>
    protected override IEnumerable<Option> Options => enable ? [_passthrough] : [];

    /// <inheritdoc/>
    protected override ChangeRequest RequestOf(ParseResult line, List<string> words) =>
        new IommuRequest(enable)
        {
            Passthrough = !enable
                ? null
                : line.GetValue(_passthrough) switch
                {
                    null => null,
                    "yes" => true,
                    "no" => false,
                    { } other => throw new UsageException($"--passthrough cannot be '{other}'.", "Give yes or no."),
                },
        };
}
