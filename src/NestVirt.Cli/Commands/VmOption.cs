using System.CommandLine;

namespace NestVirt.Cli.Commands;

/// <summary>The option that names virtual machines to be set.</summary>
internal static class VmOption
{
    /// <summary>Makes the option.</summary>
    /// <param name="meaning">What it does, as the start of a sentence.</param>
    /// <returns>The option.</returns>
    internal static Option<string[]> Create(string meaning) =>
        new("--vm")
        {
            Description = $"{meaning}, by name or id; * and ? stand for other characters. May be given again.",
            HelpName = "NAME",
        };
}
