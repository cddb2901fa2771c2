using System.CommandLine;
using System.Globalization;
using NestVirt.Changes;

namespace NestVirt.Cli.Hosting;

/// <summary>The options of every command that changes hosts: how it asks, and what it may interrupt.</summary>
internal sealed class ChangeSwitches
{
    private const int MaximumSeconds = ChangeScope.MaximumGuestTimeoutSeconds;

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

    /// <summary>Makes the switch for a restart one for virtual machines.</summary>
    internal void RestartGuests() =>
        _restart.Description = "Shut virtual machines down where that is needed, and start them again.";

    /// <summary>Gives the command that applies plans the options: what plans may interrupt is said by who makes them, and again by who applies them.</summary>
    /// <param name="command">The command.</param>
    internal void AddToApply(Command command)
    {
        _stopGuests.Description = "Apply plans that may shut guests down, too.";
        _force.Description = "Apply plans that may interrupt what is in use, too.";
        command.Options.Add(_yes);
        command.Options.Add(_whatIf);
        command.Options.Add(_stopGuests);
        command.Options.Add(_force);
        command.Options.Add(_restart);
    }

    /// <summary>Reads how the command goes about the change.</summary>
    /// <param name="line">The command line.</param>
    /// <returns>The options.</returns>
    internal ChangeOptions Read(ParseResult line)
    {
        string? timeout = line.GetValue(_guestTimeout);
        int seconds = ChangeScope.DefaultGuestTimeoutSeconds;
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

        return new ChangeOptions(
            line.GetValue(_yes),
            line.GetValue(_whatIf),
            line.GetResult(_plan) is null ? null : line.GetValue(_plan),
            line.GetValue(_stopGuests),
            seconds,
            line.GetValue(_force),
            line.GetResult(_replaceConflict) is not null && line.GetValue(_replaceConflict),
            line.GetValue(_restart)
        );
    }
}
