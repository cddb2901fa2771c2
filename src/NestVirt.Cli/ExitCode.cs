namespace NestVirt.Cli;

/// <summary>What the program's exit code says. The numbers are fixed.</summary>
internal static class ExitCode
{
    /// <summary>All well.</summary>
    internal const int Success = 0;

    /// <summary>A change is not in effect where it could be, or a check found something.</summary>
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
}
