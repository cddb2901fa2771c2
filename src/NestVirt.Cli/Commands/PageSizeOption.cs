using System.CommandLine;
using NestVirt.Cli.Hosting;
using NestVirt.Text;

namespace NestVirt.Cli.Commands;

/// <summary>Reads sizes of memory pages of options.</summary>
internal static class PageSizeOption
{
    /// <summary>Reads a size.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="option">The option, which is given.</param>
    /// <returns>The size, in KiB.</returns>
    /// <exception cref="UsageException">It is none.</exception>
    internal static long Read(ParseResult line, Option<string> option)
    {
        string text = line.GetValue(option)!;
        return PageSize.Parse(text)
            ?? throw new UsageException(
                $"{option.Name} cannot be '{text}'.",
                "Give a number with K, M or G, such as 2M or 1G."
            );
    }
}
