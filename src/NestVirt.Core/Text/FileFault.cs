namespace NestVirt.Text;

/// <summary>Says why a file cannot be read, as a part of a sentence of ours.</summary>
public static class FileFault
{
    /// <summary>Says why.</summary>
    /// <param name="path">The file.</param>
    /// <param name="error">What the system said.</param>
    /// <returns>The reason, without a full stop.</returns>
    public static string Of(string path, Exception error) =>
        error switch
        {
            FileNotFoundException or DirectoryNotFoundException => "there is no such file",
            UnauthorizedAccessException when Directory.Exists(path) => "it is a directory",
            UnauthorizedAccessException => "this account may not read it",
            _ => error.Message.TrimEnd('.'),
        };
}
