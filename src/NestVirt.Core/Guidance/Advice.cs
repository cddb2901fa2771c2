using System.Runtime.CompilerServices;

namespace NestVirt.Guidance;

/// <summary>Writes what to do in the words of the front end at hand: switches, settings and commands are named by type.</summary>
internal static class Advice
{
    /// <summary>Writes a sentence.</summary>
    /// <param name="sentence">The sentence, as in <c>$"Repeat with {ChangeSwitch.Force}."</c></param>
    internal static string Of(AdviceText sentence) => sentence.ToString();

    /// <summary>Writes a sentence in the words of a given front end.</summary>
    /// <param name="words">The words.</param>
    /// <param name="sentence">The sentence.</param>
    internal static string Of(
        IFrontEndWords words,
        [InterpolatedStringHandlerArgument(nameof(words))] AdviceText sentence
    ) => sentence.ToString();
}
