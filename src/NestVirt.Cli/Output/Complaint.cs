using NestVirt.Text;

namespace NestVirt.Cli.Output;

/// <summary>Writes what went wrong to standard error, in the form that every command uses.</summary>
internal static class Complaint
{
    /// <summary>Writes a sentence, and what to do on a line of its own.</summary>
    /// <param name="message">The sentence.</param>
    /// <param name="remedy">What to do, or null.</param>
    internal static void Write(string message, string? remedy) => Write(null, message, remedy);

    /// <summary>Writes what went wrong at a host.</summary>
    /// <param name="failure">The failure.</param>
    internal static void Write(HostFailure failure) => Write(failure.HostName, failure.Message, failure.Remedy);

    private static void Write(string? hostName, string message, string? remedy)
    {
        string subject = hostName is null ? string.Empty : $"{HostText.ForDisplay(hostName)}: ";
        Console.Error.WriteLine($"nestvirt: {subject}{Lines(message)}");
        if (remedy is not null)
        {
            Console.Error.WriteLine($"  {Lines(remedy)}");
        }
    }

    // A stack trace keeps its lines; nothing else that is shown has any.
    private static string Lines(string text) =>
        string.Join(
            Environment.NewLine,
            text.Split('\n').Select(static line => HostText.ForDisplay(line.TrimEnd('\r')))
        );
}
