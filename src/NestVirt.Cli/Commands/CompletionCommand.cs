using System.CommandLine;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt completion</c>: scripts that complete command lines by asking the program.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _nestvirt() {
            local IFS=$'\n' word=${COMP_WORDS[COMP_CWORD]}
            COMPREPLY=($(compgen -W "$(nestvirt "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "$word"))
        }
        complete -o default -F _nestvirt nestvirt

        """;

    private const string Zsh = """
        #compdef nestvirt
        _nestvirt() {
            local -a words_found
            words_found=("${(@f)$(nestvirt "[suggest:$CURSOR]" "$BUFFER" 2>/dev/null)}")
            compadd -a words_found || _files
        }
        compdef _nestvirt nestvirt

        """;

    private const string Fish = """
        complete -c nestvirt -a '(nestvirt "[suggest:"(commandline -C)"]" (commandline) 2>/dev/null)'

        """;

    /// <summary>Makes the command.</summary>
    /// <returns>The command.</returns>
    internal static Command Create()
    {
        Argument<string> shell = new("SHELL") { Description = "bash, zsh or fish." };
        shell.CompletionSources.Add("bash", "zsh", "fish");
        Command command = new(
            "completion",
            "Prints a script that completes command lines: source <(nestvirt completion bash)"
        )
        {
            shell,
        };
        command.SetAction(line =>
            StandardOutput.Write(
                line.GetValue(shell) switch
                {
                    "bash" => Bash,
                    "zsh" => Zsh,
                    "fish" => Fish,
                    { } other => throw new UsageException(
                        $"There is no completion for '{other}'.",
                        "Give one of bash, zsh, fish."
                    ),
                    null => string.Empty,
                }
            )
        );
        return command;
    }
}
