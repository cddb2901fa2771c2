using System.Xml;
using NestVirt.Linux.DomainXml;

namespace NestVirt.Core.Tests.Linux.DomainXml;

public sealed class CpuEditorCorpusTests
{
    private const int Most = 250;

    private static readonly CpuChange[] s_changes =
    [
        new() { Nesting = true, Extension = "vmx" },
        new()
        {
            Nesting = true,
            Extension = "svm",
            WindowsHypervisor = true,
        },
        new() { Nesting = false, Extension = "vmx" },
        new() { Mode = CpuMode.HostPassthrough, Migratable = false },
        new()
        {
            Mode = CpuMode.HostModel,
            Nesting = true,
            Extension = "svm",
        },
        new()
        {
            Mode = CpuMode.Maximum,
            Features = new Dictionary<string, string> { ["vmx-ept"] = "require" },
        },
        new()
        {
            Mode = CpuMode.Custom,
            Model = "Haswell",
            Nesting = true,
            Extension = "vmx",
            WindowsHypervisor = true,
        },
    ];

    [Fact]
    public void Edit_of_each_definition_of_libvirt_changes_what_it_is_about_and_is_made_once()
    {
        int edited = 0;
        foreach ((string name, string text) in DomainCorpus.Read())
        {
            DomainDocument document = DomainDocument.Parse(text);
            string rest = Rest(text);
            foreach (CpuChange change in s_changes)
            {
                if (TryEdit(document, change) is not { } edit)
                {
                    continue;
                }

                edited++;
                Assert.True(rest == Rest(edit.Document.Text), $"{name}, {change}");
                DomainEdit again = CpuEditor.Edit(edit.Document, change);
                Assert.True(edit.Document.Text == again.Document.Text, $"{name}, {change}");
                Assert.Empty(again.Changes);
                Assert.Equal(edit.Changes.Count == 0, edit.Document.Text == text);
            }
        }

        Assert.True(edited > 3000, $"{edited}");
    }

    [Fact]
    public void Edit_leaves_valid_what_was_valid()
    {
        Needs.Tools("xmllint");
        IReadOnlyList<(string Name, string Text)> corpus = DomainCorpus.Read();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("nestvirt");
        try
        {
            Dictionary<string, string> before = [];
            List<string> after = [];
            foreach (int at in Some.Of(corpus.Count, Most))
            {
                (string name, string text) = corpus[at - 1];
                if (
                    TryEdit(DomainDocument.Parse(text), s_changes[at % s_changes.Length]) is { Changes.Count: > 0 } edit
                )
                {
                    string file = Path.Combine(folder.FullName, $"after-{name}");
                    File.WriteAllText(file, edit.Document.Text);
                    after.Add(file);
                    before[file] = Path.Combine(TestData.Folder("libvirt")!, "qemuxmlconfdata", name);
                }
            }

            HashSet<string> validBefore = DomainCorpus.Valid(before.Values);
            HashSet<string> validAfter = DomainCorpus.Valid(after);
            Assert.True(validBefore.Count > 20, $"{validBefore.Count} of {before.Count}");
            Assert.DoesNotContain(after, file => validBefore.Contains(before[file]) && !validAfter.Contains(file));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static DomainEdit? TryEdit(DomainDocument document, CpuChange change)
    {
        try
        {
            return CpuEditor.Edit(document, change);
        }
        catch (NestVirtException error) when (error.Kind == NestVirtErrorKind.ChangeRefused)
        {
            return null;
        }
    }

    // All that is read of a definition, but the processor, the enlightenments, the timer, and the white space around them.
    private static string Rest(string text)
    {
        List<string> tokens = [];
        using XmlReader reader = XmlReader.Create(
            new StringReader(text),
            new XmlReaderSettings { IgnoreWhitespace = true }
        );
        bool isLeft = reader.Read();
        while (isLeft)
        {
            if (IsEdited(reader))
            {
                reader.Skip();
                isLeft = !reader.EOF;
                continue;
            }

            bool isFrame = reader.Depth == 1 && reader.Name is "features" or "clock";
            if (!isFrame || reader.AttributeCount > 1)
            {
                tokens.Add(
                    $"{reader.Depth} {(reader.NodeType == XmlNodeType.EndElement ? "/" : string.Empty)}{reader.Name} {reader.Value}"
                );
                for (int at = 0; at < reader.AttributeCount; at++)
                {
                    reader.MoveToAttribute(at);
                    tokens.Add($"{reader.Name}={reader.Value}");
                }

                reader.MoveToElement();
            }

            isLeft = reader.Read();
        }

        return string.Join('\n', tokens);
    }

    private static bool IsEdited(XmlReader reader) =>
        reader.NodeType == XmlNodeType.Element
        && reader.NamespaceURI.Length == 0
        && (
            (reader.Depth == 1 && reader.Name == "cpu")
            || (reader.Depth == 2 && reader.Name == "hyperv")
            || (reader.Depth == 2 && reader.Name == "timer" && reader.GetAttribute("name") == "hypervclock")
        );
}
