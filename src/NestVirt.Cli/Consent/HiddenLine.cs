using System.Runtime.InteropServices;
using System.Text;
using NestVirt.Cli.Hosting;

namespace NestVirt.Cli.Consent;

/// <summary>Asks for a line on the terminal that the terminal does not show, whatever the standard streams are.</summary>
internal static partial class HiddenLine
{
    private const string Terminal = "/dev/tty";
    private const int LongestLine = 4096;

    // termios(3): what is set in struct termios differs in size between systems, and is never larger than this.
    private const int TermiosBytes = 256;
    private const int Echo = 8;
    private const int AfterOutputAndForgettingInput = 2;

    /// <summary>Asks.</summary>
    /// <param name="prompt">The question.</param>
    /// <returns>What was typed; its taker clears it.</returns>
    /// <exception cref="UsageException">There is no terminal, or nothing was typed.</exception>
    internal static char[] Ask(string prompt)
    {
        char[] line = OperatingSystem.IsWindows() ? OfConsole(prompt) : OfTerminal(prompt);
        return line.Length > 0 ? line : throw new UsageException("Nothing was typed.");
    }

    private static UsageException NoTerminal() =>
        new("There is no terminal to ask for it on.", "Log in by a key, or run it on a terminal.");

    private static char[] OfConsole(string prompt)
    {
        if (Console.IsInputRedirected)
        {
            throw NoTerminal();
        }

        Console.Error.Write(prompt);
        char[] line = new char[LongestLine];
        int length = 0;
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                length = Math.Max(0, length - 1);
            }
            else if (key.KeyChar != 0 && length < line.Length)
            {
                line[length++] = key.KeyChar;
            }
        }

        Console.Error.WriteLine();
        return Taken(line, length);
    }

    private static char[] OfTerminal(string prompt)
    {
        FileStream terminal;
        try
        {
            terminal = new FileStream(
                Terminal,
                new FileStreamOptions
                {
                    Mode = System.IO.FileMode.Open,
                    Access = System.IO.FileAccess.ReadWrite,
                    BufferSize = 0,
                }
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NoTerminal();
        }

        using (terminal)
        {
            int descriptor = (int)terminal.SafeFileHandle.DangerousGetHandle();
            byte[] shown = new byte[TermiosBytes];
            if (GetAttributes(descriptor, shown) != 0)
            {
                throw NoTerminal();
            }

            byte[] hidden = [.. shown];
            hidden[OffsetOfLocalFlags] &= unchecked((byte)~Echo);
            Action restore = () => _ = SetAttributes(descriptor, 0, shown);

            // Whoever gives up here by Ctrl+C gets his terminal back as it was.
            using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(
                PosixSignal.SIGINT,
                _ => restore()
            );
            using PosixSignalRegistration end = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => restore());
            using PosixSignalRegistration hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, _ => restore());
            try
            {
                _ = SetAttributes(descriptor, AfterOutputAndForgettingInput, hidden);
                terminal.Write(Encoding.UTF8.GetBytes(prompt));
                return ReadLine(terminal);
            }
            finally
            {
                restore();
                terminal.Write("\n"u8);
            }
        }
    }

    // struct termios: three sets of flags come first, of 8 bytes each on macOS and of 4 elsewhere; the low byte is first.
    private static int OffsetOfLocalFlags => OperatingSystem.IsMacOS() ? 24 : 12;

    private static char[] ReadLine(FileStream terminal)
    {
        byte[] bytes = new byte[LongestLine];
        int length = 0;
        while (length < bytes.Length && terminal.Read(bytes, length, 1) == 1 && bytes[length] != '\n')
        {
            length++;
        }

        char[] line = new char[LongestLine];
        int count = Encoding.UTF8.GetChars(bytes, 0, length, line, 0);
        Array.Clear(bytes);
        return Taken(line, count);
    }

    private static char[] Taken(char[] line, int length)
    {
        char[] taken = line[..length];
        Array.Clear(line);
        return taken;
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, byte[] attributes);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int descriptor, int when, byte[] attributes);
}
