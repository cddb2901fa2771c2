namespace NestVirt.Transport.Cim;

/// <summary>How what is said begins where a host gives no answer. Conclusions are drawn from these beginnings, so that nothing may change them.</summary>
internal static class CimReasons
{
    /// <summary>The class, or its namespace, is not there.</summary>
    internal const string Missing = "the host does not have it: ";

    /// <summary>The account may not have it.</summary>
    internal const string Denied = "The account may not";

    /// <summary>Splits a reason.</summary>
    /// <param name="reason">The reason.</param>
    /// <returns>Its beginning, which is one of these or empty, and the rest.</returns>
    internal static (string Beginning, string Other) Split(string reason) =>
        new[] { Missing, Denied }.FirstOrDefault(start => reason.StartsWith(start, StringComparison.Ordinal)) is { } own
            ? (own, reason[own.Length..])
            : (string.Empty, reason);
}
