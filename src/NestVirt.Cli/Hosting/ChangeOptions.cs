using System.CommandLine;
using System.Globalization;

namespace NestVirt.Cli.Hosting;

/// <summary>The options of every command that changes hosts: how it asks, and what it may interrupt.</summary>
internal sealed class ChangeOptions
{
    private const int MaximumSeconds = 86_400;

    private readonly Option<bool> _yes = new("--yes", "-y")
    {
        Description = "Do not ask. Needed where nobody can be asked.",
    };

    private readonly Option<bool> _whatIf = new("--what-if", "-n")
    {
        Description = "Show every change, and make none.",
    };

    private readonly Option<string> _plan = new("--plan")
    {
        Description = "Write the plan to a file for review, and change nothing. 'nestvirt apply FILE' makes it so.",
        HelpName = "FILE",
    };

    private readonly Option<bool> _stopGuests = new("--stop-guests")
    {
        Description = "Shut running guests down where the change needs it, and start them again.",
    };

    private readonly Option<string> _guestTimeout = new("--guest-timeout")
    {
        Description = "How long a guest may take to shut down (120).",
        HelpName = "SECONDS",
    };

    private readonly Option<bool> _force = new("--force", "-f")
    {
        Description = "Interrupt what is in use. What the host itself needs stays refused.",
    };

    private readonly Option<bool> _replaceConflict = new("--replace-conflict")
    {
        Description = "Comment out lines of other files that conflict.",
    };

    private readonly Option<bool> _restart = new("--restart")
    {
        Description = "Restart the host when the change waits for that, and see whether it took effect.",
    };

    /// <summary>Gives a command the options.</summary>
    /// <param name="command">The command.</param>
    /// <param name="canPlan">Whether its plan can be written to a file.</param>
    internal void AddTo(Command command, bool canPlan)
    {
        command.Options.Add(_yes);
        command.Options.Add(_whatIf);
        if (canPlan)
        {
            command.Options.Add(_plan);
            command.Options.Add(_replaceConflict);
        }
        else
        {
            _force.Description =
                "Take it back though the same was changed since, and later changes of the same before it.";
        }

        command.Options.Add(_stopGuests);
        command.Options.Add(_guestTimeout);
        command.Options.Add(_force);
        command.Options.Add(_restart);
    }

    /// <summary>Gives the command that applies plans the options: what may be interrupted is in the plans.</summary>
    /// <param name="command">The command.</param>
    internal void AddToApply(Command command)
    {
        command.Options.Add(_yes);
        command.Options.Add(_whatIf);
        command.Options.Add(_restart);
    }

    /// <summary>Reads how the command goes about the change.</summary>
    /// <param name="line">The command line.</param>
    /// <returns>The manner.</returns>
    internal ChangeManner MannerOf(ParseResult line)
    {
        string? timeout = line.GetValue(_guestTimeout);
        int seconds = 120;
        if (
            timeout is not null
            && (
                !int.TryParse(timeout, NumberStyles.None, CultureInfo.InvariantCulture, out seconds)
                || seconds is < 1 or > MaximumSeconds
            )
        )
        {
            throw new UsageException(
                $"--guest-timeout cannot be '{timeout}'.",
                $"Give a whole number of seconds from 1 to {MaximumSeconds}."
            );
        }

        ChangeManner manner = new(
            line.GetValue(_yes),
            line.GetValue(_whatIf),
            line.GetResult(_plan) is null ? null : line.GetValue(_plan),
            line.GetValue(_stopGuests),
            seconds,
            line.GetValue(_force),
            line.GetResult(_replaceConflict) is not null && line.GetValue(_replaceConflict),
            line.GetValue(_restart)
        );
        return
            manner is { IsYes: false, IsWhatIf: false, PlanPath: null }
            && (Console.IsInputRedirected || Console.IsOutputRedirected)
            ? throw new UsageException(
                "Nobody can be asked here whether to make the change.",
                "Look at it with --what-if, then repeat with --yes."
            )
            : manner;
    }
}

/// <summary>How a command goes about a change.</summary>
/// <param name="IsYes">Nobody is asked.</param>
/// <param name="IsWhatIf">Nothing is changed.</param>
/// <param name="PlanPath">The file that the plan goes to instead, or null.</param>
/// <param name="StopGuests">Guests may be shut down and started again.</param>
/// <param name="GuestTimeoutSeconds">How long that may take for a guest.</param>
/// <param name="Force">What is in use may be interrupted.</param>
/// <param name="ReplaceConflict">Conflicting lines of other files are commented out.</param>
/// <param name="Restart">The host may be restarted.</param>
internal sealed record ChangeManner(
    bool IsYes,
    bool IsWhatIf,
    string? PlanPath,
    bool StopGuests,
    int GuestTimeoutSeconds,
    bool Force,
    bool ReplaceConflict,
    bool Restart
);
