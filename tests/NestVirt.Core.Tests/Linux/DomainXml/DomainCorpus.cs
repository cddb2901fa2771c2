namespace NestVirt.Core.Tests.Linux.DomainXml;

/// <summary>The definitions of libvirt's own tests.</summary>
internal static class DomainCorpus
{
    /// <summary>Reads them.</summary>
    /// <returns>Name and text of each.</returns>
    internal static IReadOnlyList<(string Name, string Text)> Read()
    {
        Needs.Data("libvirt");
        return
        [
            .. Directory
                .EnumerateFiles(Path.Combine(TestData.Folder("libvirt")!, "qemuxmlconfdata"), "*.xml")
                .Order(StringComparer.Ordinal)
                .Select(static file => (Path.GetFileName(file), File.ReadAllText(file))),
        ];
    }
}
