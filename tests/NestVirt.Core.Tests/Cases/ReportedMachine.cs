using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Cases;

/// <summary>A machine of tests/cases, rebuilt as a tree, or a variant of it.</summary>
internal sealed class ReportedMachine : IDisposable
{
    // Each is made once: that takes some hundred processes, and a copy of it one.
    private static readonly ConcurrentDictionary<string, Lazy<HostTree>> s_built = [];

    static ReportedMachine() =>
        AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
        {
            foreach (Lazy<HostTree> tree in s_built.Values)
            {
                tree.Value.Dispose();
            }
        };

    private ReportedMachine() { }

    /// <summary>Gets the machine, which a test may vary.</summary>
    public HostTree Tree { get; } = new();

    private HostTarget Target => new("tree", new TreeAddress(Tree.Path));

    /// <summary>Builds a machine.</summary>
    /// <param name="name">The name of its folder.</param>
    /// <returns>The machine.</returns>
    public static ReportedMachine Build(string name)
    {
        Needs.Shell();
        Needs.Tools("bash");
        HostTree built = s_built.GetOrAdd(name, static name => new Lazy<HostTree>(() => Make(name))).Value;
        ReportedMachine machine = new();
        Run("cp", "-a", $"{built.Path}/.", machine.Tree.Path);
        return machine;
    }

    /// <summary>Writes a file of the machine.</summary>
    /// <param name="path">The path inside of the tree.</param>
    /// <param name="text">What the file holds.</param>
    /// <returns>The machine.</returns>
    public ReportedMachine With(string path, string text)
    {
        Tree.Write(path, text);
        return this;
    }

    /// <summary>Removes a file or folder of the machine.</summary>
    /// <param name="path">The path inside of the tree.</param>
    /// <returns>The machine.</returns>
    public ReportedMachine Without(string path)
    {
        string full = Path.Combine(Tree.Path, path);
        if (Directory.Exists(full))
        {
            Directory.Delete(full, recursive: true);
        }
        else
        {
            File.Delete(full);
        }

        return this;
    }

    /// <summary>Asks what the machine supports.</summary>
    public async Task<NestedSupport> SupportAsync() => Assert.Single(await AskAsync(HostQuestions.Support));

    /// <summary>Puts a question to the machine.</summary>
    /// <typeparam name="T">The type of a result.</typeparam>
    /// <param name="question">The question.</param>
    public ValueTask<List<T>> AskAsync<T>(Question<T> question) =>
        HostQueries.Ask(question).RunAsync(Target, TestContext.Current.CancellationToken).ToListAsync();

    /// <summary>Plans a change of the machine.</summary>
    /// <param name="request">What is asked for.</param>
    public Task<ChangePlan> PlanAsync(ChangeRequest request) =>
        HostChangers.Create().PlanAsync(Target, request, TestContext.Current.CancellationToken);

    /// <summary>Gets all that <c>support</c> and <c>iommu</c> say of the machine, for what must not be said.</summary>
    public async Task<string> WordsAsync()
    {
        StringBuilder words = new();
        foreach (Finding finding in (await SupportAsync()).Reasons)
        {
            words.AppendLine(Words(finding));
        }

        try
        {
            foreach (Finding finding in (await AskAsync(HostQuestions.IommuGroups)).SelectMany(static g => g.Reasons))
            {
                words.AppendLine(Words(finding));
            }
        }
        catch (NestVirtException error)
        {
            words.AppendLine(error.Message).AppendLine(error.Remedy);
        }

        return words.ToString();
    }

    /// <summary>Gets the one finding of a code.</summary>
    /// <param name="findings">The findings.</param>
    /// <param name="code">The code.</param>
    public static Finding One(IEnumerable<Finding> findings, string code)
    {
        Finding[] all = [.. findings];
        Finding[] found = [.. all.Where(finding => finding.Code == code)];
        Assert.True(
            found.Length == 1,
            $"{found.Length} findings {code} among:\n{string.Join('\n', all.Select(Words))}"
        );
        return found[0];
    }

    /// <inheritdoc/>
    public void Dispose() => Tree.Dispose();

    private static string Words(Finding finding) =>
        $"{finding.Severity} {finding.Code}: {finding.Message} seen: {finding.Evidence} do: {finding.Remedy} {finding.Command}";

    private static HostTree Make(string name)
    {
        HostTree tree = new();
        Run("bash", Path.Combine(Repository.Folder, "tests", "cases", name, "make.sh"), tree.Path);
        return tree;
    }

    private static void Run(string program, params string[] words)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardError = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error);
    }
}
