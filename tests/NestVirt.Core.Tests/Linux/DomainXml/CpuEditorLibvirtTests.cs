using System.Diagnostics;
using NestVirt.Linux.DomainXml;

namespace NestVirt.Core.Tests.Linux.DomainXml;

/// <summary>libvirt itself reads what was edited, with its driver for tests, which needs no daemon.</summary>
public sealed class CpuEditorLibvirtTests
{
    private const string Text = """
        <domain type='test'>
          <name>nested</name>
          <memory>65536</memory>
          <vcpu>4</vcpu>
          <os><type arch='i686'>hvm</type></os>
          <features><acpi/></features>
          <cpu mode='custom' match='exact'><model>Haswell</model><feature name='vmx' policy='disable'/><feature name='vmx' policy='require'/></cpu>
        </domain>
        """;

    [Fact]
    public void Libvirt_reads_an_edited_definition_as_it_is_meant()
    {
        Needs.Tools("virsh");
        Assert.DoesNotContain("<domain", Define(Text), StringComparison.Ordinal);

        CpuChange change = new()
        {
            Nesting = true,
            Extension = "vmx",
            Features = new Dictionary<string, string> { ["vmx-ept"] = "require" },
            Topology = new CpuTopology(1, 1, 2, 2),
            WindowsHypervisor = true,
        };
        DomainDocument edited = CpuEditor.Edit(DomainDocument.Parse(Text), change).Document;
        DomainDocument named = Read(Define(edited.Text));
        Assert.Equal(
            ["vmx require", "vmx-ept require"],
            named.Root.Find("cpu")!.All("feature").Select(static f => $"{f.Value("name")} {f.Value("policy")}")
        );
        Assert.Equal("2", named.Root.Find("cpu", "topology")!.Value("threads"));
        Assert.Equal("on", named.Root.Find("features", "hyperv", "evmcs")!.Value("state"));
        Assert.Equal("on", named.Root.Find("features", "hyperv", "stimer", "direct")!.Value("state"));
        Assert.Equal("yes", named.Root.Find("clock", "timer")!.Value("present"));

        // What libvirt writes itself needs no change.
        Assert.Empty(CpuEditor.Edit(named, change).Changes);

        CpuChange host = new() { Mode = CpuMode.HostPassthrough, Migratable = false };
        DomainElement cpu = Read(Define(CpuEditor.Edit(named, host).Document.Text)).Root.Find("cpu")!;
        Assert.Equal(("host-passthrough", "off"), (cpu.Value("mode"), cpu.Value("migratable")));
        Assert.Null(cpu.Find("model"));
    }

    private static DomainDocument Read(string output)
    {
        int start = output.IndexOf("<domain", StringComparison.Ordinal);
        Assert.True(start >= 0, output);
        return DomainDocument.Parse(output[start..].TrimEnd());
    }

    private static string Define(string text)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, text);
            ProcessStartInfo start = new("virsh") { RedirectStandardOutput = true };
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add("test:///default");
            start.ArgumentList.Add($"define {file}; dumpxml nested");
            using Process process = Process.Start(start)!;
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return output;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
