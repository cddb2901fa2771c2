using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Core.Tests.Linux.DomainXml;
using NestVirt.Hosts;
using NestVirt.Linux.Guests;
using NestVirt.Testing;

namespace NestVirt.Core.Tests.Linux.GuestTuning;

/// <summary>Fits the definitions of libvirt's own tests to a host.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class TuningCorpusTests : IDisposable
{
    private const string Id = "11111111-2222-4333-8444-555555555551";
    private const int Most = 160;

    private static readonly TuningHost s_host = new(2, 16, 2) { FreePages = 1 << 18 };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nestvirt-");

    public void Dispose() => _folder.Delete(recursive: true);

    // What the script takes for the rest of a definition is the same before and after, and parts that are put back make the old one.
    [Fact]
    public async Task Each_is_fitted_once_stays_valid_and_differs_in_the_parts_that_are_named()
    {
        Needs.Tools("xmllint");
        IReadOnlyList<(string Name, string Text)> corpus = DomainCorpus.Read();
        Dictionary<string, string> sources = [];
        int compared = 0;
        foreach (int at in Some.Of(corpus.Count, Most))
        {
            (string name, string text) = corpus[at - 1];
            string before = text.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
            VmTuningRequest request = new([Id]) { Force = true, Siblings = (VmSiblingUse)(at % 2) };
            if (await PlanAsync(request, before) is not { Changes: [var change] })
            {
                continue;
            }

            string after = Encoding.UTF8.GetString(change.Step.Content!.Value.Span);
            Assert.True(await PlanAsync(request, after) is { Changes: [] }, name);
            string file = Path.Combine(_folder.FullName, name);
            await File.WriteAllTextAsync(file, after, TestContext.Current.CancellationToken);
            sources[file] = Path.Combine(TestData.Folder("libvirt")!, "qemuxmlconfdata", name);
            string said = Compare(before, file, change.Step.Arguments[2]);
            Assert.True(said is "same" or "unlike libvirt", $"{name}: {said}");
            compared += said == "same" ? 1 : 0;
        }

        HashSet<string> valid = DomainCorpus.Valid(sources.Values);
        HashSet<string> still = DomainCorpus.Valid(sources.Keys);
        Assert.True(sources.Count > Most / 2 && compared > Most / 3, $"{sources.Count} fitted, {compared} compared");
        Assert.DoesNotContain(sources, pair => valid.Contains(pair.Value) && !still.Contains(pair.Key));
    }

    private string Compare(string before, string after, string parts)
    {
        string old = Path.Combine(_folder.FullName, "old");
        File.WriteAllText(old, before);
        using Process process = Process.Start(
            new ProcessStartInfo("/bin/sh", ["-s", old, after, parts])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        )!;
        process.StandardInput.Write(
            $$"""
            LC_ALL=C; export LC_ALL
            nv_room={{_folder.FullName}}
            {{DomainAction.Action.Script}}
            nv_domain_parts "$3"
            nv_domain_cut rest "$1" >/dev/null || { printf 'unlike libvirt'; exit; }
            nv_domain_same rest "$1" "$2" || { printf 'the rest differs'; exit; }
            ! nv_domain_same parts "$1" "$2" || { printf 'the parts are the same'; exit; }
            nv_domain_splice "$1" "$2" >/dev/null && nv_domain_same parts "$nv_room/new.xml" "$2" || { printf 'the parts do not come'; exit; }
            mv "$nv_room/new.xml" "$nv_room/made"
            nv_domain_splice "$nv_room/made" "$1" >/dev/null && nv_domain_same parts "$nv_room/new.xml" "$1" && nv_domain_same rest "$nv_room/new.xml" "$1" || { printf 'the parts do not go'; exit; }
            printf same
            """
        );
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }

    private async Task<ChangePlan?> PlanAsync(VmTuningRequest request, string definition)
    {
        string file = Path.Combine(_folder.FullName, "kvm1.json");
        GuestSnapshot.Write(
            Path.Combine(Repository.Folder, "tests", "recordings", "amd-epyc-vfs.json"),
            file,
            [(Id, definition, null)]
        );
        s_host.Write(file);
        using HostChanger changer = HostChangers.Create(false);
        try
        {
            return await changer.PlanAsync(
                new HostTarget("kvm1", new SnapshotAddress(file)),
                request,
                TestContext.Current.CancellationToken
            );
        }
        catch (ChangeRefusedException)
        {
            return null;
        }
    }
}
