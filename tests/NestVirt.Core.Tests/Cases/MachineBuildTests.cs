using NestVirt.Model;

namespace NestVirt.Core.Tests.Cases;

/// <summary>Every machine of tests/cases gets an answer.</summary>
public sealed class MachineBuildTests
{
    public static TheoryData<string> Names =>
        [
            .. Directory
                .GetDirectories(Path.Combine(Repository.Folder, "tests", "cases"))
                .Select(static folder => Path.GetFileName(folder)),
        ];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_machine_is_built_and_answers(string name)
    {
        using ReportedMachine machine = ReportedMachine.Build(name);

        NestedSupport support = await machine.SupportAsync();

        Assert.NotEmpty(support.Reasons);
        Assert.NotEmpty(await machine.WordsAsync());
    }
}
