using NestVirt.Guidance;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Boot;

/// <summary>Words for the kernel in a file from which the next boot will not take them.</summary>
/// <param name="Words">The words, in their order.</param>
/// <param name="Evidence">The first line that has one.</param>
/// <param name="Path">The file.</param>
/// <param name="Clause">What becomes of them, as the end of a sentence.</param>
/// <param name="Remedy">What brings them there, as sentences.</param>
/// <param name="IsEditable">Whether our own change of the command line would bring them there.</param>
internal sealed record UnusedBootSetting(
    IReadOnlyList<KernelArgument> Words,
    string Evidence,
    string Path,
    string Clause,
    string Remedy,
    bool IsEditable
)
{
    /// <summary>Words it.</summary>
    public Finding ToFinding()
    {
        string words = string.Join(' ', Words.Select(static word => word.Text));
        return new Finding(
            FindingCodes.BootSettingUnused,
            Severity.Warning,
            $"{HostText.ForDisplay(Path, 80)} has {HostText.ForDisplay(words, 160)}; {Clause}."
        )
        {
            Evidence = Evidence,
            Remedy = Remedy,
            Mend =
                IsEditable && Words.All(static word => PlainWord.Is(word.Text))
                    ? new CommandCall(
                        OwnCommand.SetKernel,
                        [.. Words.Select(static word => (CommandArgument.KernelWord, word.Text))]
                    )
                    : null,
        };
    }
}
