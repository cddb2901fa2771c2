namespace NestVirt.Probing;

/// <summary>How long a file of settings may be that is read: longer ones are left out, and named.</summary>
/// <remarks>
/// Files that people and distributions write have some kilobytes, and GRUB's menu of a host with many kernels some tens. All
/// that is read of one host stays below <see cref="Hosts.AnswerLimits"/>, also where root reads once more.
/// </remarks>
internal static class FileLimits
{
    /// <summary>How many bytes one file may have.</summary>
    internal const int Bytes = 512 << 10;

    /// <summary>How many lines one file may have.</summary>
    internal const int Lines = 10_000;

    /// <summary>How many bytes all files of a script may have.</summary>
    internal const int AllBytes = 4 << 20;

    /// <summary>How many lines all files of a script may have.</summary>
    internal const int AllLines = 60_000;

    /// <summary>How many bytes all files of one probe may have that are read byte for byte: a line tells of 16.</summary>
    internal const int AllRawBytes = 1 << 20;

    /// <summary>The fact that names a file that was left out, also one that is no regular file.</summary>
    internal const string Fact = "leftout";
}
