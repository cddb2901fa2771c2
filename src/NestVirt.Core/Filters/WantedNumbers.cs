using System.Globalization;

namespace NestVirt.Filters;

/// <summary>Numbers of which one must be it; none at all are every one.</summary>
/// <param name="what">What they are of, as in "the group".</param>
/// <param name="numbers">The numbers.</param>
internal sealed class WantedNumbers(string what, IReadOnlyCollection<int> numbers)
{
    private readonly HashSet<int> _found = [];

    /// <summary>Gets the numbers that nothing had yet.</summary>
    internal IEnumerable<MissingValue> Missing =>
        numbers.Except(_found).Select(number => new MissingValue(what, number.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Tells whether a number is wanted.</summary>
    internal bool Has(int number)
    {
        _found.Add(number);
        return numbers.Count == 0 || numbers.Contains(number);
    }
}
