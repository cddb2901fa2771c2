using System.Diagnostics;

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

    /// <summary>Finds the definitions that libvirt's schema takes.</summary>
    /// <param name="files">The files.</param>
    /// <returns>Those that are valid.</returns>
    internal static HashSet<string> Valid(IEnumerable<string> files)
    {
        ProcessStartInfo start = new("xmllint") { RedirectStandardError = true, RedirectStandardOutput = true };
        start.ArgumentList.Add("--noout");
        start.ArgumentList.Add("--relaxng");
        start.ArgumentList.Add(Path.Combine(TestData.Folder("libvirt")!, "schemas", "domain.rng"));
        foreach (string file in files)
        {
            start.ArgumentList.Add(file);
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = process.StandardError.ReadToEnd();
        _ = output.Result;
        process.WaitForExit();
        const string Suffix = " validates";
        return
        [
            .. error
                .Split('\n')
                .Where(static line => line.EndsWith(Suffix, StringComparison.Ordinal))
                .Select(static line => line[..^Suffix.Length]),
        ];
    }
}
