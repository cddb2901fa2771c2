using NestVirt.Probing;

namespace NestVirt.Linux.Boot;

/// <summary>An entry of the Boot Loader Specification (loader/entries/*.conf).</summary>
/// <param name="Id">The file's name without .conf.</param>
/// <param name="Options">The kernel command line, with GRUB's variables; several options lines are joined.</param>
/// <param name="Path">The file.</param>
internal sealed record LoaderEntry(string Id, string Options, string Path)
{
    private const string Extension = ".conf";

    /// <summary>Reads an entry.</summary>
    /// <param name="file">The file.</param>
    /// <returns>The entry; null when it starts no Linux.</returns>
    public static LoaderEntry? Parse(ListedFile file)
    {
        string? linux = null;
        List<string> options = [];
        foreach (string line in file.Lines)
        {
            string[] words = line.Split(
                [' ', '\t'],
                2,
                StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
            );
            if (words is ["linux", string path])
            {
                linux = path;
            }
            else if (words is ["options", string text])
            {
                options.Add(text);
            }
        }

        string id = file.Name.EndsWith(Extension, StringComparison.Ordinal)
            ? file.Name[..^Extension.Length]
            : file.Name;
        return linux is null ? null : new LoaderEntry(id, string.Join(' ', options), file.Path);
    }
}
