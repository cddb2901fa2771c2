using System.CommandLine;
using NestVirt.Changes;
using NestVirt.Cli.Hosting;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt set module</c>: parameters of one of KVM's modules.</summary>
internal sealed class SetModuleCommand()
    : ChangeCommand("module", "Sets parameters of one of KVM's modules, for now and for every load to come.")
{
    /// <inheritdoc/>
    protected override IEnumerable<Option> Options => [];

    /// <inheritdoc/>
    protected override Argument<string[]> Words { get; } =
        new("WORD")
        {
            Description = "[HOST…] MODULE NAME=VALUE…, such as: kvm1 kvm_intel enable_shadow_vmcs=1",
            Arity = ArgumentArity.OneOrMore,
            CompletionSources = { "kvm", "kvm_amd", "kvm_intel", HostSuggestions.For },
        };

    /// <inheritdoc/>
    protected override ChangeRequest RequestOf(ParseResult line, List<string> words)
    {
        int first = words.FindIndex(static word => word.Contains('=', StringComparison.Ordinal));
        if (first < 1)
        {
            throw new UsageException(
                first < 0 ? "No parameter is named." : "No module is named before the parameters.",
                "Type: nestvirt set module [HOST…] MODULE NAME=VALUE…"
            );
        }

        ModuleParameterRequest request = new(words[first - 1], Assignment.ReadAll(words.Skip(first), "A parameter"));
        words.RemoveRange(first - 1, words.Count - first + 1);
        return request;
    }
}
