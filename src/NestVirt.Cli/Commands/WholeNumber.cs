using System.CommandLine;
using System.Globalization;
using NestVirt.Cli.Hosting;

namespace NestVirt.Cli.Commands;

/// <summary>Reads whole numbers of options.</summary>
internal static class WholeNumber
{
    /// <summary>Reads a number from 0 on.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="option">The option.</param>
    /// <returns>The number.</returns>
    /// <exception cref="UsageException">It is none.</exception>
    internal static int Read(ParseResult line, Option<string> option)
    {
        string? text = line.GetValue(option);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new UsageException($"{option.Name} cannot be '{text}'.", "Give a whole number from 0 on.");
    }

    /// <summary>Reads the numbers of an option that may be given again.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="option">The option.</param>
    /// <param name="remedy">What to give.</param>
    /// <returns>The numbers.</returns>
    /// <exception cref="UsageException">One is none.</exception>
    internal static IReadOnlyCollection<int> ReadAll(ParseResult line, Option<string[]> option, string remedy) =>
        [
            .. (line.GetValue(option) ?? []).Select(text =>
                int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                    ? number
                    : throw new UsageException($"{option.Name} cannot be '{text}'.", remedy)
            ),
        ];
}
