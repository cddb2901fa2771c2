using System.CommandLine;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;
using NestVirt.Cli.Tables;
using NestVirt.Client;
using NestVirt.Filters;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt modules</c>: the KVM modules of a host.</summary>
internal sealed class ModulesCommand : ReadCommand<KvmModule>
{
    private readonly Option<string[]> _names = new("--name")
    {
        Description = "Only modules of this name; * and ? stand for other characters, and - is the same as _.",
        HelpName = "NAME",
    };

    /// <inheritdoc/>
    protected override string Schema => "nestvirt/modules/1";

    /// <inheritdoc/>
    protected override IReadOnlyList<CsvColumn<KvmModule>> Columns { get; } =
    [
        new("hostName", static module => module.HostName),
        new("name", static module => module.Name),
        new("state", static module => module.State),
        new("nested", static module => module.Nested),
        new("useCount", static module => module.UseCount),
        new("usedBy", static module => module.UsedBy),
        new(
            "parameters",
            static module => module.Parameters.Select(static parameter => $"{parameter.Name}={parameter.Value}")
        ),
        new("findings", static module => module.Findings.Select(static finding => finding.Code)),
    ];

    /// <summary>Makes the command.</summary>
    /// <param name="options">The options that every command takes.</param>
    /// <returns>The command.</returns>
    internal static Command Create(HostOptions options)
    {
        ModulesCommand self = new();
        Argument<string[]> hosts = HostOptions.CreateHostArgument();
        Command command = new(
            "modules",
            "Lists the KVM modules, every parameter in effect and as configured, and mistakes."
        )
        {
            hosts,
            self._names,
        };
        command.SetAction(line => self.Run(line, options, hosts));
        return command;
    }

    /// <inheritdoc/>
    protected override IHostQuery<KvmModule> QueryOf(ParseResult line, HostSources sources) =>
        HostQueries.Ask(HostQuestions.KvmModules);

    /// <inheritdoc/>
    protected override ResultFilter<KvmModule> FilterOf(ParseResult line) => new KvmModuleFilter(line.GetValue(_names));

    /// <inheritdoc/>
    protected override IResultSink<KvmModule> CreateTable(Stream output) => new ModulesTable(new Page(output));
}
