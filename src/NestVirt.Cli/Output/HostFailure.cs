using NestVirt.Filters;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.Cli.Output;

/// <summary>Why a host gave no answer, as it is written to people and programs.</summary>
/// <param name="HostName">The host; null where it is none in particular.</param>
/// <param name="Id">The error kind; a stable name.</param>
/// <param name="Message">A sentence.</param>
/// <param name="Remedy">What to do about it, or null.</param>
internal sealed record HostFailure(string? HostName, string Id, string Message, string? Remedy)
{
    private const string MissingValueId = "ValueNotFound";
    private const string StoppedId = "Stopped";
    private const string UnexpectedId = "HostQueryFailed";

    /// <summary>Gets a value indicating whether the command line, or a file that it names, is at fault and not the host.</summary>
    internal bool IsMisuse => Id == nameof(NestVirtErrorKind.SshOptionInvalid);

    /// <summary>Makes the failure of a name, a number or an address that no host has.</summary>
    /// <param name="missing">What was asked for.</param>
    /// <returns>The failure.</returns>
    internal static HostFailure From(MissingValue missing) =>
        new(
            HostName: null,
            MissingValueId,
            $"No host that answered has {missing.What} '{HostText.ForDisplay(missing.Value)}'.",
            missing.Remedy
        );

    /// <summary>Makes what a host's finding says, though it is no failure.</summary>
    /// <param name="host">The host.</param>
    /// <param name="note">The finding.</param>
    /// <returns>The note.</returns>
    internal static HostFailure From(HostTarget host, Finding note) =>
        new(host.Name, note.Code, note.Message, note.Remedy);

    /// <summary>Makes the failure of a host that had not answered when the command was stopped.</summary>
    /// <param name="host">The host.</param>
    /// <returns>The failure.</returns>
    internal static HostFailure Stopped(HostTarget host) =>
        new(host.Name, StoppedId, "The command was stopped before the host had answered.", Remedy: null);

    private static string? RemedyOf(NestVirtErrorKind kind) =>
        kind == NestVirtErrorKind.SnapshotInvalid
            ? "'nestvirt snapshot' makes such files; a file of hosts is named by --inventory."
            : null;

    /// <summary>Makes the failure that an exception stands for.</summary>
    /// <param name="host">The host.</param>
    /// <param name="error">The exception.</param>
    /// <returns>The failure.</returns>
    internal static HostFailure From(HostTarget host, Exception error) =>
        error is NestVirtException known
            ? new HostFailure(host.Name, known.Kind.ToString(), known.Message, known.Remedy ?? RemedyOf(known.Kind))
            : new HostFailure(host.Name, UnexpectedId, $"unexpected failure, please report it: {error}", Remedy: null);
}
