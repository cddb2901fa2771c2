using System.Xml.Linq;
using NestVirt.HelpBuilder;

namespace NestVirt.Module.Tests.Help;

/// <summary>A folder of pages about <see cref="SampleCommand"/>, whole until a test changes it.</summary>
internal sealed class HelpPages : IDisposable
{
    internal const string Page = "Get-Sample.md";

    private const string Whole = """
        # Get-Sample

        ## SYNOPSIS

        Gets samples.

        ## DESCRIPTION

        The cmdlet gets samples.

        ## EXAMPLES

        ### One

        ```powershell
        PS> Get-Sample
        ```

        It is one.

        ## PARAMETERS

        [Hosts](shared/hosts.md)

        ### -NoSudo

        Does not use `sudo -n`.

        ## INPUTS

        ## OUTPUTS

        ### System.String

        Samples.

        ## NOTES

        ## RELATED LINKS

        - [Get-Sample](Get-Sample.md)
        """;

    private const string Hosts = """
        # Hosts

        ### -HostName

        The hosts.

        ### -Port

        The port. The default is 22.

        ### -Root

        The directory.
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("help");

    internal HelpPages()
    {
        Write(Page, Whole);
        Write("shared/hosts.md", Hosts);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    internal void Write(string file, string text)
    {
        string path = PathOf(file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    internal void Replace(string file, string old, string text)
    {
        string whole = File.ReadAllText(PathOf(file));
        Assert.Contains(old, whole, StringComparison.Ordinal);
        Write(file, whole.Replace(old, text, StringComparison.Ordinal));
    }

    /// <summary>Builds the help, and tells its mistakes with paths that begin at the folder.</summary>
    internal string[] Errors() =>
        [
            .. HelpFolder
                .Build(PathOf("."), typeof(SampleCommand).Assembly, PathOf("made"), "https://example.org/help")
                .Select(error =>
                    error
                        .Message.Replace(Path.DirectorySeparatorChar, '/')
                        .Replace(
                            PathOf(".").Replace(Path.DirectorySeparatorChar, '/') + "/",
                            string.Empty,
                            StringComparison.Ordinal
                        )
                )
                .Select(static message => message.Replace(": error HELP", string.Empty, StringComparison.Ordinal)),
        ];

    /// <summary>Builds the help of the cmdlet.</summary>
    internal XElement Maml()
    {
        Assert.Empty(Errors());
        return XDocument.Load(PathOf("made/NestVirt.Module.Tests.dll-Help.xml")).Root!.Elements().Single();
    }

    internal string PathOf(string file) => Path.Combine(_folder.FullName, file);
}
