using System.Reflection;
using System.Text;

namespace NestVirt.HelpBuilder;

/// <summary>Makes the help of a module of a folder of pages: one page a cmdlet, about topics, and what they share.</summary>
public static class HelpFolder
{
    private const string TopicEnding = ".help.md";

    /// <summary>Makes MAML of the cmdlet pages, and text of the about topics.</summary>
    /// <param name="source">The folder of pages.</param>
    /// <param name="module">The assembly of the cmdlets.</param>
    /// <param name="target">The folder to write.</param>
    /// <param name="online">The address of the folder of pages.</param>
    /// <returns>The mistakes; when there is any, nothing is written.</returns>
    public static IReadOnlyList<HelpFormatException> Build(string source, Assembly module, string target, string online)
    {
        List<HelpFormatException> errors = [];
        List<HelpPage> pages = [];
        Dictionary<string, string> topics = [];
        Dictionary<string, CmdletMetadata> cmdlets = CmdletMetadata
            .In(module)
            .ToDictionary(static cmdlet => cmdlet.Name, StringComparer.Ordinal);
        string[] files = [.. Directory.EnumerateFiles(source, "*.md").Order(StringComparer.Ordinal)];
        foreach (string file in files)
        {
            try
            {
                MarkdownPage page = MarkdownPage.Read(file);
                string name = Path.GetFileNameWithoutExtension(file);
                if (file.EndsWith(TopicEnding, StringComparison.Ordinal))
                {
                    topics.Add(Path.ChangeExtension(name, "help.txt"), AboutTopicWriter.Write(page));
                }
                else if (cmdlets.Remove(name, out CmdletMetadata? cmdlet))
                {
                    pages.Add(HelpPageReader.Read(page, cmdlet));
                }
                else
                {
                    errors.Add(page.Title.Error($"the module has no cmdlet {name}; remove the page or mend its name"));
                }
            }
            catch (HelpFormatException error)
            {
                errors.Add(error);
            }
        }

        errors.AddRange(
            cmdlets.Values.Select(cmdlet => new HelpFormatException(
                Path.Join(source, $"{cmdlet.Name}.md"),
                1,
                $"there is no page for {cmdlet.Name}; write it"
            ))
        );
        if (errors.Count == 0)
        {
            Directory.CreateDirectory(target);
            foreach ((string file, string text) in topics)
            {
                File.WriteAllText(Path.Join(target, file), text, Encoding.UTF8);
            }

            MamlWriter.Write(pages, online, Path.Join(target, $"{module.GetName().Name}.dll-Help.xml"));
        }

        return errors;
    }
}
