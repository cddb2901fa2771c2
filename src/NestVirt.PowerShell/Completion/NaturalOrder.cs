using System.Globalization;

namespace NestVirt.PowerShell.Completion;

/// <summary>Orders text as people do: numbers by value, so that 9 comes before 10.</summary>
internal static class NaturalOrder
{
    /// <summary>Gets the order.</summary>
    internal static IComparer<string> Comparer { get; } =
        CultureInfo.InvariantCulture.CompareInfo.GetStringComparer(CompareOptions.NumericOrdering);
}
