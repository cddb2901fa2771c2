using System.CommandLine.Completions;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Cli.Hosting;

/// <summary>Names of hosts for completion: of the inventory, or else of the user's ssh files. Connects to none.</summary>
internal static class HostSuggestions
{
    /// <summary>Lists what may be typed where a host is named.</summary>
    /// <param name="context">The command line so far.</param>
    /// <returns>The names.</returns>
    internal static IEnumerable<CompletionItem> For(CompletionContext context)
    {
        // The help asks too, to list the few words that an argument takes.
        if (context is not TextCompletionContext)
        {
            return [];
        }

        string typed = context.WordToComplete;
        IEnumerable<string> names =
            context.ParseResult.GetResult(HostOptions.InventoryName) is not null
            && context.ParseResult.GetValue<string>(HostOptions.InventoryName) is { } path
                ? Listed(path, typed.StartsWith('@'))
                : OfSsh(typed);
        return names.Select(static name => new CompletionItem(name));
    }

    // user@ stays as it was typed.
    private static IEnumerable<string> OfSsh(string typed)
    {
        string user = typed[..(typed.LastIndexOf('@') + 1)];
        return SshNames.OfThisUser().Select(name => user + name);
    }

    private static IEnumerable<string> Listed(string path, bool isGroup)
    {
        try
        {
            HostInventory inventory = InventoryFile.Load(path, isTrusted: true, InputFile.Moment);

            // A name that a shell would act on is typed by hand.
            IEnumerable<string> groups = inventory.GroupNames.Where(static name => HostTarget.TryParseSsh(name, out _));
            return isGroup
                ? groups.Select(static name => $"@{name}")
                : inventory.Hosts.Select(static host => host.Name).Concat(groups).Distinct();
        }
        catch (UsageException)
        {
            return [];
        }
    }
}
