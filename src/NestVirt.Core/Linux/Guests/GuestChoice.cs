using NestVirt.Changes;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Linux.Guests;

/// <summary>A guest that a request is for.</summary>
/// <param name="Guest">The guest.</param>
/// <param name="IsNamed">Whether it was asked for by its own name or id, so that nothing can be done without it.</param>
/// <param name="Word">What it is called in sentences; with its id where the name is long, or is not all shown.</param>
internal sealed record GuestChoice(LibvirtGuest Guest, bool IsNamed, string Word)
{
    private const int LongestWord = 80;

    /// <summary>Chooses guests.</summary>
    /// <remarks>In libvirt the case of a name counts: one in another case is meant where no other has it.</remarks>
    /// <param name="guests">Those of the host.</param>
    /// <param name="names">The words of the request.</param>
    /// <returns>Those that are meant, each once, in the order in which the host has them.</returns>
    /// <exception cref="ChangeRefusedException">A word names none, or several.</exception>
    internal static IReadOnlyList<GuestChoice> Of(IReadOnlyList<LibvirtGuest> guests, IReadOnlyList<string> names)
    {
        List<Finding> faults = [];
        HashSet<string> named = new(StringComparer.Ordinal);
        HashSet<string> found = new(StringComparer.Ordinal);
        foreach (string word in names)
        {
            LibvirtGuest[] own = [.. Own(guests, word)];
            TextPattern pattern = new(word);
            LibvirtGuest[] meant =
                own.Length > 0 ? own : [.. guests.Where(guest => pattern.Fits(guest.Name) || pattern.Fits(guest.Id))];
            bool isName = own.Length > 0 || !pattern.IsPattern;
            if (meant.Length == 0)
            {
                faults.Add(GuestChangeFindings.NotFound(word));
            }
            else if (isName && meant.Length > 1)
            {
                faults.Add(GuestChangeFindings.SameName(word, meant));
            }

            found.UnionWith(meant.Select(static guest => guest.Id));
            named.UnionWith(isName ? meant.Select(static guest => guest.Id) : []);
        }

        return faults.Count > 0
            ? throw new ChangeRefusedException(faults)
            :
            [
                .. guests
                    .Where(guest => found.Contains(guest.Id))
                    .Select(guest => new GuestChoice(guest, named.Contains(guest.Id), WordOf(guest))),
            ];
    }

    // A guest may be called by the id of another: the id counts for more.
    private static IEnumerable<LibvirtGuest> Own(IReadOnlyList<LibvirtGuest> guests, string word)
    {
        if (Guid.TryParse(word, out Guid id))
        {
            LibvirtGuest[] ofId = [.. guests.Where(guest => guest.Id == id.ToString("D"))];
            if (ofId.Length > 0)
            {
                return ofId;
            }
        }

        LibvirtGuest[] same = [.. guests.Where(guest => guest.Name == word)];
        return same.Length > 0
            ? same
            : guests.Where(guest => guest.Name.Equals(word, StringComparison.OrdinalIgnoreCase));
    }

    private static string WordOf(LibvirtGuest guest) =>
        guest.Name.Length <= LongestWord && HostText.IsShown(guest.Name) && !string.IsNullOrWhiteSpace(guest.Name)
            ? guest.Name
            : $"{HostText.ForDisplay(guest.Name, LongestWord)} ({guest.Id})";
}
