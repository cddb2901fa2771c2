namespace NestVirt.Text;

/// <summary>Names of files that begin at the user's home folder.</summary>
public static class HomePath
{
    /// <summary>Puts the home folder in place of a tilde, as ssh does, which no shell may have done before.</summary>
    /// <param name="path">The name, with the slashes of any system: an inventory is read on all of them.</param>
    /// <returns>The name without a tilde; one that begins otherwise stays.</returns>
    public static string Expand(string path) =>
        Expand(path, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <summary>Puts a given home folder in place of a tilde.</summary>
    /// <param name="path">The name.</param>
    /// <param name="home">The folder.</param>
    /// <returns>The name without a tilde.</returns>
    internal static string Expand(string path, string home) =>
        path switch
        {
            "~" => home,
            ['~', '/' or '\\', .. string rest] => Path.Join(home, rest.Replace(path[1], Path.DirectorySeparatorChar)),
            _ => path,
        };
}
