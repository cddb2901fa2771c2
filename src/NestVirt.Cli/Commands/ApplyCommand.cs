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

    private readonly Argument<string[]> _hosts = new("HOST")
    {
        Description =
            "The hosts to apply it to, where they are not reached as the file says; a plan of a recorded host needs it.",
        Arity = ArgumentArity.ZeroOrMore,
        CompletionSources = { HostSuggestions.For },
    };

    private readonly ChangeSwitches _switches = new();

    /// <summary>Makes the command.</summary>
    /// <param name="options">The options that every command takes.</param>
    /// <returns>The command.</returns>
    internal static Command Create(HostOptions options)
    {
        ApplyCommand self = new();
        Command command = new("apply", "Makes a reviewed plan so; refuses when its host has changed since.")
        {
            self._file,
            self._hosts,
        };
        self._switches.AddToApply(command);
        command.SetAction(line => self.Run(line, options));
        return command;
    }

    private int Run(ParseResult line, HostOptions options)
    {
        OutputFormat format = options.OutputOf(line);
        HostSources sources = options.SourcesOf(line);
        IReadOnlyList<ReviewedPlan> reviewed = PlanFile.Read(line.GetValue(_file)!);
        Dictionary<HostTarget, ReviewedPlan> plans = [];
        foreach (ReviewedPlan plan in Addressed(line, sources, reviewed))
        {
            if (!plans.TryAdd(plan.Plan.Target, plan))
            {
                throw new UsageException(
                    $"The file holds two plans for {plan.Plan.HostName}.",
                    "Apply them one after the other."
                );
            }
        }

        ChangeOptions change = _switches.Read(line);
        foreach (ChangePlan plan in plans.Values.Select(static reviewed => reviewed.Plan))
        {
            ThrowIfMore(plan, change);
        }

        using HostChanger changer = HostChangers.Open(change.Restart);
        HostChanging changing = new(
            (host, token) => changer.PrepareAsync(plans[host].Plan, plans[host].Fingerprint, token),
            change,
            format
        );
        return changing.Execute([.. plans.Keys], options.ThrottleOf(line));
    }

    // Whoever wrote the file must not decide alone what is interrupted.
    private static void ThrowIfMore(ChangePlan plan, ChangeOptions change)
    {
        string? missing =
            change.IsWhatIf ? null
            : plan.Request is { StopGuests: true } && !change.StopGuests ? "--stop-guests"
            : plan.Request is { Force: true } && !change.Force ? "--force"
            : null;
        if (missing is not null)
        {
            throw new UsageException(
                $"The plan for {plan.HostName} {string.Join(", and ", plan.Allowances)}.",
                $"If that is meant, repeat with {missing}."
            );
        }
    }

    private IEnumerable<ReviewedPlan> Addressed(
        ParseResult line,
        HostSources sources,
        IReadOnlyList<ReviewedPlan> reviewed
    )
    {
        string[] words = line.GetValue(_hosts) ?? [];
        if (words.Length == 0 && !sources.IsRecordedNamed)
        {
            return reviewed.FirstOrDefault(static plan => plan.Plan.IsRecorded) is { } recorded
                ? throw new UsageException(
                    $"The plan was made over the recorded host {recorded.Plan.HostName}: name the live host to apply it to.",
                    $"nestvirt apply {line.GetValue(_file)} HOST"
                )
                : reviewed
                    .Zip(sources.Complete(reviewed.Select(static plan => plan.Plan.Target)))
                    .Select(static pair => pair.First.For(pair.Second));
        }

        try
        {
            return ReviewedPlan.Address(reviewed, sources.Resolve(words));
        }
        catch (NestVirtException error)
        {
            throw new UsageException(error.Message, error.Remedy);
        }
    }
}
