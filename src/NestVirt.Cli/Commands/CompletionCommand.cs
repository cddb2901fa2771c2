using System.CommandLine;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt completion</c>: scripts that complete command lines by asking the program.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        _nestvirt() {
            local line=${COMP_LINE:0:COMP_POINT} typed last reply
            typed=${line##*[[:space:]]}
            # Readline's words end at these, too: it puts in what follows the last one.
            last=${typed##*[@:=]}
            COMPREPLY=()
            while IFS= read -r reply; do
                [[ $reply == "$typed"* ]] && COMPREPLY+=("${reply#"${typed%"$last"}"}")
            done < <(nestvirt "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)
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
        # Sourced, it only makes the function known; found by zsh in a folder of completions, it is called at once.
        if [[ ${funcstack[1]} == _nestvirt ]]; then _nestvirt "$@"; else compdef _nestvirt nestvirt; fi

        """;

    private const string Fish = """
        complete -c nestvirt -a '(nestvirt "[suggest:"(commandline -C)"]" (commandline) 2>/dev/null)'

        """;

    // A word that PowerShell would act on, such as @group, is quoted.
    private const string Pwsh = """
        Register-ArgumentCompleter -Native -CommandName nestvirt -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $typed = $wordToComplete.Trim("'", '"')
            $point = $cursorPosition - $commandAst.Extent.StartOffset
            $line = $commandAst.Extent.Text.PadRight($point).Substring(0, $point)
            if ($typed) { $line = $line.Substring(0, $line.LastIndexOf(' ') + 1) + $typed }
            nestvirt "[suggest:$($line.Length)]" $line 2>$null |
                Where-Object { $_.StartsWith($typed, [StringComparison]::OrdinalIgnoreCase) } |
                ForEach-Object {
                    $text = $_ -match '^[\w./:=+-][\w./:=+@-]*$' ? $_ : "'$([System.Management.Automation.Language.CodeGeneration]::EscapeSingleQuotedStringContent($_))'"
                    [System.Management.Automation.CompletionResult]::new($text, $_, 'ParameterValue', $_)
                }
        }

        """;

    /// <summary>Makes the command.</summary>
    /// <returns>The command.</returns>
    internal static Command Create()
    {
        Argument<string> shell = new("SHELL") { Description = "bash, zsh, fish or pwsh." };
        shell.CompletionSources.Add("bash", "zsh", "fish", "pwsh");
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
                    "pwsh" => Pwsh,
                    { } other => throw new UsageException(
                        $"There is no completion for '{other}'.",
                        "Give one of bash, zsh, fish, pwsh."
                    ),
                    null => string.Empty,
                }
            )
        );
        return command;
    }
}
