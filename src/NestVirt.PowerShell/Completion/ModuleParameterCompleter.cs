using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using NestVirt.Text;

namespace NestVirt.PowerShell.Completion;

/// <summary>Completes a hashtable of one parameter of a module, from what was read in this session and from what x86 has.</summary>
public sealed class ModuleParameterCompleter : IArgumentCompleter
{
    // The switches of kvm_intel and kvm_amd that nesting is tuned with.
    private static readonly string[] s_known =
    [
        "avic",
        "enable_apicv",
        "enable_shadow_vmcs",
        "ept",
        "nested",
        "nested_early_check",
        "npt",
        "vgif",
        "vls",
        "vpid",
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        string typed = CompletionWord.Unquote(wordToComplete ?? string.Empty).TrimStart('@', '{', ' ');
        string? module = fakeBoundParameters?["Module"]?.ToString()?.Replace('-', '_');
        IEnumerable<string> seen = SeenValues
            .Of(SeenKind.ModuleParameter, BoundHosts.In(fakeBoundParameters))
            .Select(static name => name.Split('.', 2))
            .Where(words => module is null || string.Equals(words[0], module, StringComparison.OrdinalIgnoreCase))
            .Select(static words => words[1]);
        return seen.Concat(module is null or "kvm_intel" or "kvm_amd" ? s_known : [])
            .Distinct(StringComparer.Ordinal)
            .Where(name => name.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .Select(static name => new CompletionResult(
                $"@{{ {CompletionWord.Quote(name)} = $true }}",
                HostText.ForDisplay(name),
                CompletionResultType.ParameterValue,
                HostText.ForDisplay(name)
            ));
    }
}
