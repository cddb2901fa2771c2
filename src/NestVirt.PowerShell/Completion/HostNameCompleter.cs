using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace NestVirt.PowerShell.Completion;

/// <summary>Completes names of hosts: from the inventory, or else the user's ssh configuration and known hosts. It never connects.</summary>
public sealed class HostNameCompleter : IArgumentCompleter
{
    private const int LargestFileBytes = 4 << 20;

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        if (InventoryNames.Of(fakeBoundParameters, wordToComplete) is { } listed)
        {
            return CompletionWord.Complete(wordToComplete, listed);
        }

        string folder = Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh");
        SortedSet<string> names = new(NaturalOrder.Comparer);
        names.UnionWith(SshNames.InConfig(LinesOf(Path.Join(folder, "config"))));
        names.UnionWith(SshNames.InKnownHosts(LinesOf(Path.Join(folder, "known_hosts"))));

        // user@ stays as it was typed.
        string typed = CompletionWord.Unquote(wordToComplete ?? string.Empty);
        int at = typed.LastIndexOf('@');
        return CompletionWord.Complete(typed, names.Select(name => string.Concat(typed.AsSpan(0, at + 1), name)));
    }

    private static string[] LinesOf(string file)
    {
        try
        {
            return new FileInfo(file) is { Exists: true, Length: <= LargestFileBytes } ? File.ReadAllLines(file) : [];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
