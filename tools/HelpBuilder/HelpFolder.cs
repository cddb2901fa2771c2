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
        IReadOnlyList<CmdletMetadata> all = CmdletMetadata.In(module);
        Dictionary<string, CmdletMetadata> cmdlets = all.ToDictionary(
            static cmdlet => cmdlet.Name,
            StringComparer.Ordinal
        );
        string shared = Path.Join(source, MarkdownPage.SharedFolder);
        foreach (string file in PagesIn(source).Concat(PagesIn(shared)))
        {
            string name = Path.GetFileNameWithoutExtension(file);
            bool isCmdlet = cmdlets.Remove(name, out CmdletMetadata? cmdlet);
            try
            {
                MarkdownPage page = MarkdownPage.Read(file);
                if (Path.GetDirectoryName(file) == shared)
                {
                    errors.AddRange(TextsOfNoCmdlet(page, all));
                }
                else if (file.EndsWith(TopicEnding, StringComparison.Ordinal))
                {
                    topics.Add(Path.ChangeExtension(name, "help.txt"), AboutTopicWriter.Write(page));
                }
                else if (isCmdlet)
                {
                    pages.Add(HelpPageReader.Read(page, cmdlet!));
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

    private static IEnumerable<string> PagesIn(string folder) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.md").Order(StringComparer.Ordinal)
            : Enumerable.Empty<string>();

    private static IEnumerable<HelpFormatException> TextsOfNoCmdlet(
        MarkdownPage shared,
        IReadOnlyList<CmdletMetadata> cmdlets
    )
    {
        HashSet<string> names =
        [
            .. cmdlets.SelectMany(static cmdlet => cmdlet.Parameters).Select(static parameter => $"-{parameter.Name}"),
        ];
        return shared
            .Sections.Where(section => section.Title.StartsWith('-') && !names.Contains(section.Title))
            .Select(static section =>
                section.Error($"no cmdlet has a parameter {section.Title}; remove the text or mend the name")
            );
    }
}
