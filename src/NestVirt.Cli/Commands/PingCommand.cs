using System.CommandLine;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;
using NestVirt.Cli.Tables;
using NestVirt.Client;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt ping</c>: whether hosts can be asked, and which step on the way to them does not stand.</summary>
internal sealed class PingCommand : ReadCommand<ConnectionCheck>
{
    /// <inheritdoc/>
    protected override string Schema => "nestvirt/ping/1";

    /// <inheritdoc/>
    protected override IReadOnlyList<CsvColumn<ConnectionCheck>> Columns { get; } =
    [
        new("hostName", static check => check.HostName),
        new("stands", static check => check.Stands),
        new("firstFault", static check => check.FirstFault),
        .. Enum.GetValues<ConnectionStepName>()
            .Select(static name => new CsvColumn<ConnectionCheck>(
                $"{char.ToLowerInvariant(name.ToString()[0])}{name.ToString()[1..]}",
                check => check.Steps.FirstOrDefault(step => step.Name == name)?.State
            )),
        new("message", static check => check.Message),
        new("remedy", static check => check.Remedy),
        new("command", static check => check.Command),
    ];

    /// <summary>Makes the command.</summary>
    /// <param name="options">The options that every command takes.</param>
    /// <returns>The command.</returns>
    internal static Command Create(HostOptions options)
    {
        PingCommand self = new();
        Argument<string[]> hosts = HostOptions.CreateHostArgument();
        Command command = new(
            "ping",
            "Tells which step on the way to hosts stands: name, port, log-in, sudo and so on."
        )
        {
            hosts,
        };
        command.SetAction(line => self.Run(line, options, hosts));
        return command;
    }

    /// <inheritdoc/>
    protected override IHostQuery<ConnectionCheck> QueryOf(ParseResult line, HostSources sources) =>
        HostQueries.CheckConnection();

    /// <inheritdoc/>
    protected override bool IsDown(ConnectionCheck result) => !result.Stands;

    /// <inheritdoc/>
    protected override IResultSink<ConnectionCheck> CreateTable(Stream output) => new PingTable(new Page(output));
}
