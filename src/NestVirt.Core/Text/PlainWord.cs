using System.Buffers;

namespace NestVirt.Text;

/// <summary>Keeps what a host says out of what people are told to do: advice is copied into shells.</summary>
internal static class PlainWord
{
    private static readonly SearchValues<char> s_plain = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.,:=/-"
    );

    /// <summary>Tells whether a word means itself alone in every shell.</summary>
    /// <param name="word">The word.</param>
    /// <returns>True if it does.</returns>
    internal static bool Is(string word) => word.Length > 0 && !word.AsSpan().ContainsAnyExcept(s_plain);

    /// <summary>Gives a word for advice.</summary>
    /// <param name="word">The word of a host.</param>
    /// <param name="otherwise">What to say where it is not plain: the evidence has it.</param>
    /// <returns>One of the two.</returns>
    internal static string Or(string word, string otherwise) => Is(word) ? word : otherwise;
}
