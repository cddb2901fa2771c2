using System.Text;
using NestVirt.Linux.Modprobe;

namespace NestVirt.Core.Tests.Linux.Modprobe;

/// <summary>Makes up modprobe.d directories, good and bad, and prints what we make of them as modprobe --showconfig does.</summary>
internal static class ModprobeSample
{
    private static readonly string[] s_directories = ["etc", "run", "usr/local/lib", "usr/lib"];
    private static readonly string[] s_names =
    [
        "a.conf",
        "kvm.conf",
        "50-kvm.conf",
        "Z.conf",
        "kvm",
        "kvm.conf.bak",
        "é.conf",
        ".hidden.conf",
    ];
    private static readonly string[] s_modules =
    [
        "nv_one",
        "nv-one",
        "nv_two",
        "nv-t*o",
        "nv_[a-c]-x",
        "nv_[a",
        "nv]a",
    ];
    private static readonly string[] s_commands =
    [
        "options",
        "options",
        "options",
        "blacklist",
        "install",
        "remove",
        "option",
        "#options",
        " # options",
        "\toptions",
    ];

    private static readonly string[] s_arguments =
    [
        "nested=1",
        " nested=Y ept=0",
        "a=\"b c\"",
        "x \\\n  y=2",
        "/bin/false",
        "",
        " ",
        "n\\ested=1",
        "# no comment",
        "\\",
        "tab\there",
    ];

    public static void Write(HostTree tree, Random random)
    {
        foreach (string directory in s_directories)
        {
            Directory.CreateDirectory(Path.Combine(tree.Path, directory, "modprobe.d"));
            foreach (string name in s_names.Where(_ => random.Next(3) == 0))
            {
                if (random.Next(8) == 0)
                {
                    tree.Link($"{directory}/modprobe.d/{name}", "/dev/null");
                }
                else
                {
                    tree.Write($"{directory}/modprobe.d/{name}", Text(random));
                }
            }
        }
    }

    public static List<string> Print(ModprobeConfig config) =>
        [
            .. config
                .Directives.Where(static line => line.Command == "blacklist")
                .Select(static line => $"blacklist {line.Module}"),
            .. Lines(config, "install"),
            .. Lines(config, "remove"),
            .. Lines(config, "options"),
        ];

    public static string Squeeze(string line) =>
        string.Join(' ', line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));

    private static IEnumerable<string> Lines(ModprobeConfig config, string command) =>
        config
            .Directives.Where(line => line.Command == command)
            .Select(line => Squeeze($"{command} {line.Module} {line.Arguments}"));

    // A backslash at the very end of a file is left out: kmod 30 makes a byte of the end of the file there.
    private static string Text(Random random)
    {
        StringBuilder text = new();
        for (int line = random.Next(5); line >= 0; line--)
        {
            text.Append(Pick(s_commands, random))
                .Append(random.Next(4) == 0 ? "\t " : " ")
                .Append(Pick(s_modules, random))
                .Append(' ')
                .Append(Pick(s_arguments, random))
                .Append(line == 0 && text[^1] != '\\' && random.Next(2) == 0 ? string.Empty : "\n");
        }

        return text.ToString();
    }

    private static string Pick(string[] from, Random random) => from[random.Next(from.Length)];
}
