using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using NestVirt.Cli.Commands;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;

namespace NestVirt.Cli;

/// <summary>Puts the commands together and runs the one that is typed.</summary>
internal static class CommandTree
{
    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">What was typed.</param>
    /// <returns>The exit code.</returns>
    internal static int Run(string[] arguments)
    {
        RootCommand root = Create();

        // A word that starts with @ is a group of the inventory, never a file of arguments.
        ParserConfiguration parsing = new() { ResponseFileTokenReplacer = null };
        if (Suggestions.AreAskedFor(arguments))
        {
            StandardOutput.Write(
                string.Concat(Suggestions.For(root, arguments, parsing).Select(static word => $"{word}\n"))
            );
            return ExitCode.Success;
        }

        ParseResult line = root.Parse(arguments, parsing);
        MistypedLine.ThrowIfSwitchHasValue(line, arguments);
        if (line.Action is ParseErrorAction)
        {
            throw MistypedLine.Explain(line);
        }

        MistypedLine.ThrowIfMisplaced(line);
        using StreamWriter output = new(new StandardOutput()) { NewLine = "\n" };
        return line.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output });
    }

    /// <summary>Puts the commands together.</summary>
    /// <returns>What reads a command line.</returns>
    internal static RootCommand Create()
    {
        HostOptions options = new();
        RootCommand root = new(
            "Tells whether KVM and Hyper-V hosts can nest virtualization and pass devices through, and why not."
        );
        options.AddTo(root);
        root.Subcommands.Add(SupportCommand.Create(options));
        root.Subcommands.Add(IommuCommand.Create(options));
        root.Subcommands.Add(PciCommand.Create(options));
        root.Subcommands.Add(SriovCommand.Create(options));
        root.Subcommands.Add(ModulesCommand.Create(options));
        root.Subcommands.Add(GuestsCommand.Create(options));
        root.Subcommands.Add(VmPciCommand.Create(options));
        root.Subcommands.Add(SnapshotCommand.Create(options));
        root.Subcommands.Add(PingCommand.Create(options));
        root.Subcommands.Add(SwitchCommand("enable", "Turns something on.", options, enable: true));
        root.Subcommands.Add(SwitchCommand("disable", "Turns something off.", options, enable: false));
        root.Subcommands.Add(SetCommand(options));
        root.Subcommands.Add(
            new Command("add", "Gives something to a virtual machine.")
            {
                new VmPciChangeCommand(add: true).Create(options),
            }
        );
        root.Subcommands.Add(
            new Command("remove", "Takes something back from a virtual machine.")
            {
                new VmPciChangeCommand(add: false).Create(options),
            }
        );
        root.Subcommands.Add(ApplyCommand.Create(options));
        root.Subcommands.Add(UndoCommand.Create(options));
        root.Subcommands.Add(HistoryCommand.Create(options));
        root.Subcommands.Add(CompletionCommand.Create());
        root.SetAction(static _ => StandardOutput.Write(RootHelp.Text));
        foreach (Option option in root.Options)
        {
            option.Action = option switch
            {
                HelpOption help => new HelpPage((HelpAction)help.Action!),
                VersionOption => new VersionLine(),
                _ => option.Action,
            };
        }

        return root;
    }

    private static Command SwitchCommand(string name, string description, HostOptions options, bool enable) =>
        new(name, description)
        {
            new NestingCommand(enable).Create(options),
            new IommuSwitchCommand(enable).Create(options),
        };

    private static Command SetCommand(HostOptions options) =>
        new("set", "Sets a value of a host.")
        {
            new SetModuleCommand().Create(options),
            new SetKernelCommand().Create(options),
            new SetSriovCommand().Create(options),
            new SetCpuCommand().Create(options),
            new SetTuningCommand().Create(options),
            new SetDriverCommand().Create(options),
            new SetHugePagesCommand().Create(options),
        };

    private sealed class HelpPage(HelpAction inner) : SynchronousCommandLineAction
    {
        private const int Width = 80;

        public override int Invoke(ParseResult parseResult)
        {
            if (parseResult.CommandResult.Command is RootCommand)
            {
                StandardOutput.Write(RootHelp.Text);
                return ExitCode.Success;
            }

            inner.MaxWidth = Width;
            return inner.Invoke(parseResult);
        }
    }

    private sealed class VersionLine : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            StandardOutput.Write($"nestvirt {ProductVersion.Text}\n");
            return ExitCode.Success;
        }
    }
}
