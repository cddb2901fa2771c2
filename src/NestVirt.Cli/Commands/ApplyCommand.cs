using System.CommandLine;
using NestVirt.Changes;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;
using NestVirt.Client;
using NestVirt.Hosts;

namespace NestVirt.Cli.Commands;

/// <summary><c>nestvirt apply FILE</c>: makes reviewed plans so.</summary>
internal sealed class ApplyCommand
{
    private readonly Argument<string> _file = new("FILE") { Description = "A file that --plan wrote." };

    private readonly ChangeOptions _manner = new();

    /// <summary>Makes the command.</summary>
    /// <param name="options">The options that every command takes.</param>
    /// <returns>The command.</returns>
    internal static Command Create(HostOptions options)
    {
        ApplyCommand self = new();
        Command command = new("apply", "Makes a reviewed plan so; refuses when its host has changed since.")
        {
            self._file,
        };
        self._manner.AddToApply(command);
        command.SetAction(line => self.Run(line, options));
        return command;
    }

    private int Run(ParseResult line, HostOptions options)
    {
        OutputFormat format = options.OutputOf(line);
        ChangeManner manner = _manner.MannerOf(line);
        Dictionary<HostTarget, (ChangePlan Plan, string Fingerprint)> plans = [];
        (ChangePlan Plan, string Fingerprint)[] reviewed = [.. PlanFile.Read(line.GetValue(_file)!)];
        IEnumerable<HostTarget> targets = options
            .SourcesOf(line)
            .Complete(reviewed.Select(static pair => pair.Plan.Target));
        foreach (((ChangePlan plan, string fingerprint), HostTarget target) in reviewed.Zip(targets))
        {
            if (!plans.TryAdd(target, (plan with { Target = target }, fingerprint)))
            {
                throw new UsageException(
                    $"The file holds two plans for {target.Name}.",
                    "Apply them one after the other."
                );
            }
        }

        HostChanger changer = HostChangers.Create(manner.Restart);
        ChangeRun run = new(
            (host, token) => changer.PrepareAsync(plans[host].Plan, plans[host].Fingerprint, token),
            manner,
            format
        );
        return run.Execute([.. plans.Keys], options.ThrottleOf(line));
    }
}
