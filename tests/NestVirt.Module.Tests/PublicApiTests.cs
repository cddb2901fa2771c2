using NestVirt.Hosts;

namespace NestVirt.Module.Tests;

public sealed class PublicApiTests
{
    private const string AcceptVariable = "NESTVIRT_ACCEPT_API";

    private const string HowToAccept =
        $"If the change is wanted, accept it and commit the file: {AcceptVariable}=1 dotnet test tests/NestVirt.Module.Tests --filter PublicApi";

    [Fact]
    public void The_public_API_of_Core_is_the_approved_one()
    {
        string file = Repository.PathOf("tests", "NestVirt.Module.Tests", "PublicApi.Core.txt");
        string[] actual = [.. ApiListing.Of(typeof(HostTarget).Assembly)];
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            File.WriteAllText(file, string.Concat(actual.Select(static line => $"{line}\n")));
        }

        string[] approved = File.Exists(file) ? File.ReadAllLines(file) : [];
        Assert.True(
            actual.SequenceEqual(approved),
            $"The public API of NestVirt.Core is not that of {Path.GetFileName(file)}.\n{Difference(approved, actual)}{HowToAccept}"
        );
    }

    // Each line with the type it stands under: members of many types look alike.
    private static string Difference(string[] approved, string[] actual)
    {
        string[] before = [.. Qualified(approved)];
        string[] now = [.. Qualified(actual)];
        return string.Concat(
            before
                .Except(now)
                .Select(static line => $"- {line}\n")
                .Concat(now.Except(before).Select(static line => $"+ {line}\n"))
        );
    }

    private static IEnumerable<string> Qualified(IEnumerable<string> lines)
    {
        string type = string.Empty;
        foreach (string line in lines)
        {
            bool isMember = line.StartsWith("  ", StringComparison.Ordinal);
            type = isMember ? type : line;
            yield return isMember ? $"{type} |{line}" : line;
        }
    }
}
