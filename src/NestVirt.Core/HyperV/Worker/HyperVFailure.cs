using System.Globalization;
using NestVirt.Changes;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.HyperV.Machine;
using NestVirt.Text;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Worker;

/// <summary>Words why a change of a Hyper-V host is not made, or not taken back.</summary>
internal static class HyperVFailure
{
    private const int ShownLength = 300;

    // ModifyResourceSettings documents those up to 6; the names of the others are those of other methods of Hyper-V.
    private static readonly Dictionary<uint, string> s_codes = new()
    {
        [1] = "it is not supported",
        [2] = "it failed",
        [3] = "it took too long",
        [4] = "a parameter is invalid",
        [5] = "the virtual machine is in another state than that takes",
        [6] = "parameters are incompatible",
        [32768] = "it failed",
        [32769] = "the account may not",
        [32770] = "it is not supported",
        [32771] = "the state is not known",
        [32772] = "it took too long",
        [32773] = "a parameter is invalid",
        [32774] = "it is in use",
        [32775] = "it is in another state than that takes",
        [32776] = "a value is of another type",
        [32777] = "it is not available",
        [32778] = "there is not enough memory",
        [32779] = "a file is not there",
    };

    /// <summary>Says what the return value of a method means.</summary>
    /// <param name="path">What it was called of. The numbers have names where that is of Hyper-V.</param>
    /// <param name="method">The method.</param>
    /// <param name="code">The return value.</param>
    /// <returns>A sentence.</returns>
    internal static string Returned(CimPath path, string method, uint code) =>
        path.Namespace == WmiNamespaces.Virtualization
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"Hyper-V refuses {method}: {s_codes.GetValueOrDefault(code, "it says no more")} (error {code})."
            )
            : string.Create(CultureInfo.InvariantCulture, $"Windows refuses {method} (error {code}).");

    /// <summary>Makes the error for a host that is being changed already.</summary>
    internal static NestVirtException Locked() =>
        new(
            NestVirtErrorKind.HostLocked,
            "Another change of this host is under way from this machine. Nothing was done."
        )
        {
            Remedy = Advice.Of($"Repeat when it has ended, as {OwnCommand.History} shows."),
        };

    /// <summary>Makes the error for a journal that cannot be kept.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="error">What is wrong with it.</param>
    /// <param name="wasChanged">Whether the host was changed by then.</param>
    internal static JournalException JournalFailed(string folder, Exception error, bool wasChanged) =>
        new(
            wasChanged ? NestVirtErrorKind.ChangeIncomplete : NestVirtErrorKind.ChangeFailed,
            $"The journal in {folder} cannot be kept: {error.Message.TrimEnd('.')}. {(wasChanged ? "What it has of this change is not how the change ended." : "Nothing was done.")}",
            error
        )
        {
            Remedy = "See whether the file system is full or read-only, and whose the directory is.",
        };

    /// <summary>Makes the error for a host of which no journal can be kept.</summary>
    internal static NestVirtException NoIdentity() =>
        new(
            NestVirtErrorKind.ChangeRefused,
            "The host tells neither a UUID nor a name, so that no journal of its changes can be kept. Nothing was done."
        );

    /// <summary>Makes the error for a host that does not say which machine it is.</summary>
    /// <param name="reason">Why.</param>
    internal static NestVirtException NotIdentified(string reason) =>
        new(
            NestVirtErrorKind.HostPermissionDenied,
            $"Which machine the host is could not be read, and so not which journal is its own: {reason.TrimEnd('.')}. Nothing was done."
        )
        {
            Remedy = "Repeat with an account that may read Win32_ComputerSystemProduct in root/cimv2.",
        };

    /// <summary>Makes the error for a host that shows the account no virtual machines.</summary>
    internal static NestVirtException HidesItself() =>
        new(
            NestVirtErrorKind.HostPermissionDenied,
            "The virtual machines of the change cannot be seen: the host shows the account not even itself. Nothing was done."
        )
        {
            Remedy =
                "Use an account that is in the group Hyper-V Administrators of the host, or in its Administrators.",
        };

    /// <summary>Makes the error for a plan of another machine.</summary>
    internal static NestVirtException OtherMachine() =>
        new(
            NestVirtErrorKind.HostChanged,
            "Another machine answers than the one that the plan was made for, and nothing was done."
        )
        {
            Remedy = "See what the name of the host stands for, and plan again.",
        };

    /// <summary>Makes the error for a plan with a step that this release does not make.</summary>
    internal static NestVirtException UnknownStep(HostChange change) =>
        new(
            NestVirtErrorKind.PlanInvalid,
            $"The plan changes {HostText.ForDisplay(change.Setting, ShownLength)} by a step that this release does not know. Nothing was done."
        );

    /// <summary>Makes the error for settings that are not as they are expected.</summary>
    /// <param name="sentence">What follows from it.</param>
    /// <param name="found">The settings, each with what it is.</param>
    /// <param name="remedy">What to do.</param>
    internal static NestVirtException Differs(
        string sentence,
        IReadOnlyList<(HostChange Change, string? Now)> found,
        string remedy
    ) =>
        new(
            NestVirtErrorKind.HostChanged,
            $"{sentence}: {string.Join("; ", found.Take(5).Select(static one => $"{one.Change.Setting} is {one.Now ?? "gone"}"))}{(found.Count > 5 ? "; and others" : string.Empty)}."
        )
        {
            Remedy = remedy,
        };

    /// <summary>Makes the error for a way back from a change that may still go on at the host.</summary>
    /// <param name="count">How many jobs have not ended.</param>
    internal static NestVirtException JobsRun(int count) =>
        new(
            NestVirtErrorKind.ChangeRefused,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The change did not come to its end, and {(count == 1 ? "a job" : $"{count} jobs")} of Hyper-V that may be of it {(count == 1 ? "has" : "have")} not ended. Nothing was done."
            )
        )
        {
            Remedy = Advice.Of(
                $"Repeat when {(count == 1 ? "it has" : "they have")} ended; or use {ChangeSwitch.Force} where they are of something else."
            ),
        };

    /// <summary>Makes the error for a virtual machine that has to be off and runs.</summary>
    internal static NestVirtException Runs(string vm, VMSystemState state) =>
        new(NestVirtErrorKind.ChangeRefused, $"{vm} is not off ({state.Text}), and what is to be set takes that.")
        {
            Remedy = state.IsRunning
                ? Advice.Of($"Shut it down, or use {ChangeSwitch.StopGuests}.")
                : "Shut it down; a pause or a saved state is not enough.",
        };

    /// <summary>Makes the error for a change that ended in the middle of its virtual machines.</summary>
    /// <param name="target">The host.</param>
    /// <param name="id">The number of the change.</param>
    /// <param name="error">Why.</param>
    /// <param name="done">The virtual machines that are changed.</param>
    /// <param name="left">Those that were not begun.</param>
    /// <param name="journal">Why the journal does not have this end; null where it has.</param>
    internal static NestVirtException Ended(
        HostTarget target,
        int id,
        VMUnitException error,
        IReadOnlyList<string> done,
        IReadOnlyList<string> left,
        string? journal
    ) =>
        new(
            done.Count == 0 && error.IsPutBack ? NestVirtErrorKind.ChangeFailed : NestVirtErrorKind.ChangeIncomplete,
            string.Join(
                ' ',
                new[]
                {
                    error.Message,
                    error.IsPutBack
                        ? done.Count == 0
                            ? "Everything is as it was."
                            : "It is as it was."
                        : $"Not everything could be put back: {error.Kept}.",
                    done.Count > 0 ? $"Changed before it, and as was asked for: {VMNames(done)}." : null,
                    left.Count > 0 ? $"Not begun: {VMNames(left)}." : null,
                    journal,
                }.OfType<string>()
            ),
            error.InnerException
        )
        {
            Remedy =
                done.Count == 0 && error.IsPutBack
                    ? error.Remedy
                    : Advice.Of($"To take back what was changed, run: {ChangeFailure.UndoOf(target, id)}."),
        };

    /// <summary>Makes the error for a change that its user gave up between two virtual machines.</summary>
    internal static NestVirtException GivenUp(
        HostTarget target,
        int id,
        IReadOnlyList<string> done,
        IReadOnlyList<string> left,
        string? journal
    ) =>
        new(
            done.Count == 0 ? NestVirtErrorKind.ChangeFailed : NestVirtErrorKind.ChangeIncomplete,
            $"It was given up.{(done.Count > 0 ? $" Changed, and as was asked for: {VMNames(done)}." : " Nothing was changed.")} Not begun: {VMNames(left)}. {journal}".TrimEnd()
        )
        {
            Remedy =
                done.Count == 0
                    ? null
                    : Advice.Of($"To take back what was changed, run: {ChangeFailure.UndoOf(target, id)}."),
        };

    /// <summary>Makes the error for a change of which nobody knows how far it went.</summary>
    /// <param name="target">The host.</param>
    /// <param name="id">The number of the change.</param>
    /// <param name="error">Why.</param>
    internal static NestVirtException Unsettled(HostTarget target, int id, NestVirtException error) =>
        new(
            NestVirtErrorKind.ChangeIncomplete,
            string.Create(
                CultureInfo.InvariantCulture,
                $"Change {id} was cut off, and how far it went is not known: {error.Message}"
            ),
            error
        )
        {
            Remedy = Advice.Of(
                $"When the host answers again, run: {ChangeFailure.UndoOf(target, id)}. It reads what was made, takes it back, and starts what was shut down for it."
            ),
        };

    /// <summary>Makes the error for a change that was given up between two virtual machines since its journal cannot be written.</summary>
    /// <param name="target">The host.</param>
    /// <param name="id">The number of the change.</param>
    /// <param name="error">Why.</param>
    /// <param name="done">The virtual machines that are changed.</param>
    /// <param name="left">Those that were not begun.</param>
    internal static NestVirtException NotWritten(
        HostTarget target,
        int id,
        JournalException error,
        IReadOnlyList<string> done,
        IReadOnlyList<string> left
    ) =>
        new(
            NestVirtErrorKind.ChangeIncomplete,
            $"{error.Message}{(done.Count > 0 ? $" Changed, and as was asked for: {VMNames(done)}." : string.Empty)}{(left.Count > 0 ? $" Not begun: {VMNames(left)}." : string.Empty)}",
            error
        )
        {
            Remedy = Advice.Of(
                $"{error.Remedy} To take back what was changed, run then: {ChangeFailure.UndoOf(target, id)}."
            ),
        };

    private static string VMNames(IReadOnlyList<string> names) => VirtualMachines.VMWords.List(names);
}
