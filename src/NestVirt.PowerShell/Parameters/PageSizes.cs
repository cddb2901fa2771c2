using NestVirt.Text;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Sizes of memory pages, as parameters have them.</summary>
internal static class PageSizes
{
    /// <summary>Finds what is wrong with a size.</summary>
    /// <param name="parameter">The parameter, with its hyphen.</param>
    /// <param name="text">What it has.</param>
    /// <returns>A sentence; null where nothing is.</returns>
    internal static string? FaultOf(string parameter, string text) =>
        PageSize.Parse(text) is null
            ? $"{parameter} cannot be '{HostText.ForDisplay(text)}': give a number with K, M or G, such as 2MB or 1GB."
            : null;
}
