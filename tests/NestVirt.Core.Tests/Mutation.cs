using FsCheck;
using FsCheck.Fluent;
using NestVirt.Probing;

namespace NestVirt.Core.Tests;

/// <summary>Damages real input in many small ways and sees what a parser makes of it.</summary>
internal static class Mutation
{
    private const int Rounds = 500;
    private const string Alphabet = "\t\n |@:.,=-_0127fFxyz\0\u001b\u202e\uFFFD\\\"'$(){}[]/";

    /// <summary>Checks that a parser reads damaged text, or refuses it by the one exception that it may throw.</summary>
    /// <param name="text">Real input.</param>
    /// <param name="parse">The parser.</param>
    public static void Check(string text, Action<string> parse)
    {
        Gen<string> damaged =
            from count in Gen.Choose(1, 6)
            from edits in Gen.ListOf(Edit(text.Length), count)
            select edits.Aggregate(text, static (current, edit) => edit(current));
        Prop.ForAll(damaged.ToArbitrary(), sample => Survives(sample, parse))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Rounds).WithQuietOnSuccess(true));
    }

    private static bool Survives(string text, Action<string> parse)
    {
        try
        {
            parse(text);
        }
        catch (ProbeFormatException)
        {
            // That is the refusal which callers expect.
        }

        return true;
    }

    private static Gen<Func<string, string>> Edit(int length) =>
        from kind in Gen.Choose(0, 4)
        from at in Gen.Choose(0, length)
        from other in Gen.Choose(0, length)
        from character in Gen.Elements(Alphabet.ToCharArray())
        select Apply(kind, at, other, character);

    private static Func<string, string> Apply(int kind, int at, int other, char character) =>
        text =>
        {
            int start = Math.Min(at, text.Length);
            int end = Math.Clamp(other, start, Math.Min(text.Length, start + 200));
            return kind switch
            {
                0 => text[..start],
                1 => text.Remove(start, end - start),
                2 => text.Insert(start, character.ToString()),
                3 => text.Insert(start, text[start..end]),
                _ => text.Insert(start, "4294967296999999999999"),
            };
        };
}
