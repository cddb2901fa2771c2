using System.Globalization;

namespace NestVirt.Transport.Recorded;

/// <summary>Gives things of one kind stand-ins, the same thing always the same one.</summary>
/// <param name="create">Makes the stand-in of a number that starts at 1.</param>
internal sealed class StandIns(Func<int, string> create)
{
    private readonly Dictionary<string, string> _standIns = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _given = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Makes stand-ins of a word and a number.</summary>
    /// <param name="word">The word.</param>
    /// <returns>The stand-ins.</returns>
    public static StandIns Named(string word) =>
        new(number => string.Create(CultureInfo.InvariantCulture, $"{word}{number}"));

    /// <summary>Gets the stand-in of a thing; a stand-in stands for itself.</summary>
    /// <param name="original">The thing.</param>
    /// <returns>Its stand-in.</returns>
    public string Of(string original)
    {
        if (_given.Contains(original))
        {
            return original;
        }

        if (!_standIns.TryGetValue(original, out string? standIn))
        {
            standIn = create(_standIns.Count + 1);
            _standIns.Add(original, standIn);
            _given.Add(standIn);
        }

        return standIn;
    }
}
