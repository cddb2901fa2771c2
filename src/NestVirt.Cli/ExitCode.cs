namespace NestVirt.Cli;

/// <summary>What the program's exit code says. The numbers are fixed.</summary>
internal static class ExitCode
{
    /// <summary>All well.</summary>
    internal const int Success = 0;

    /// <summary>A change is not in effect where it could be, a check found something, or no host has what was named.</summary>
    internal const int Findings = 1;

    /// <summary>The command line cannot be understood or cannot work.</summary>
    internal const int Usage = 2;

    /// <summary>Some hosts gave no answer.</summary>
    internal const int SomeHostsFailed = 3;

    /// <summary>No host gave an answer.</summary>
    internal const int AllHostsFailed = 4;

    /// <summary>A defect of this program: EX_SOFTWARE of sysexits.h.</summary>
    internal const int Defect = 70;

    /// <summary>What a shell reports for a process that a signal ended is this plus the signal's number.</summary>
    internal const int SignalBase = 128;

    /// <summary>Makes the code of a run over hosts.</summary>
    /// <param name="hosts">How many hosts there were.</param>
    /// <param name="failures">How many of them failed.</param>
    /// <param name="hasFindings">Whether what the others said makes the command fail.</param>
    /// <param name="misused">How many of those that failed were never asked, since the options for ssh cannot work.</param>
    /// <returns>The code.</returns>
    internal static int Of(int hosts, int failures, bool hasFindings, int misused) =>
        failures == 0 ? (hasFindings ? Findings : Success)
        : misused == hosts ? Usage
        : failures == hosts ? AllHostsFailed
        : SomeHostsFailed;
}
