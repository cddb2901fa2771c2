using System.Text;
using NestVirt.HelpBuilder;

// HelpBuilder SOURCE TARGET ONLINE: makes MAML of the cmdlet pages, and text of the about topics. ONLINE is the address
// of the folder of pages.
if (args is not [string source, string target, string online])
{
    Console.Error.WriteLine("Usage: HelpBuilder SOURCE TARGET ONLINE");
    return 2;
}

const string HelpFile = "NestVirt.PowerShell.dll-Help.xml";
const string TopicEnding = ".help.md";

try
{
    Directory.CreateDirectory(target);
    List<HelpPage> pages = [];
    foreach (string file in Directory.EnumerateFiles(source, "*.md").Order(StringComparer.Ordinal))
    {
        MarkdownDocument document = MarkdownDocument.Parse(Path.GetFileName(file), File.ReadAllText(file));
        if (!file.EndsWith(TopicEnding, StringComparison.Ordinal))
        {
            pages.Add(HelpPageReader.Read(document));
            continue;
        }

        string topic = Path.GetFileName(file)[..^TopicEnding.Length];
        File.WriteAllText(
            Path.Join(target, $"{topic}.help.txt"),
            AboutTopicWriter.Write(topic, document),
            Encoding.UTF8
        );
    }

    MamlWriter.Write(pages, online, Path.Join(target, HelpFile));
    Console.WriteLine($"{HelpFile}: {pages.Count} pages.");
    return 0;
}
catch (HelpFormatException error)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
