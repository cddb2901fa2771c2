using System.Globalization;
using System.Text;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.HyperV.Settings;
using NestVirt.Text;

namespace NestVirt.HyperV.Worker;

/// <summary>The journal of the changes of one Hyper-V host that this user made from this machine: files as those on a KVM host.</summary>
/// <remarks>
/// A host over CIM takes no files. So the journal knows nothing of what others changed, or the same user from elsewhere:
/// before anything is changed or taken back, the host is read.
/// </remarks>
/// <param name="folder">The folder of the host.</param>
internal sealed class ClientJournal(string folder)
{
    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    private string LockPath => Path.Join(folder, "lock");

    /// <summary>Finds the journal of a host.</summary>
    /// <param name="root">The folder of all journals.</param>
    /// <param name="machine">The host.</param>
    /// <returns>The journal, which need not be there yet.</returns>
    internal static ClientJournal Of(string root, HostIdentity machine) =>
        new(
            Path.Join(
                root,
                Guid.TryParse(machine.MachineId, out Guid id)
                    ? id.ToString()
                    : $"host-{Sha256.Hex(Encoding.UTF8.GetBytes(machine.MachineId))[..32]}"
            )
        );

    /// <summary>Names the folder of all journals of this user.</summary>
    /// <returns>The folder; on Unix as the XDG Base Directory Specification has it, on Windows beside other local data of programs.</returns>
    /// <exception cref="NestVirtException">The user has no place for files.</exception>
    internal static string DefaultRoot()
    {
        string? state = OperatingSystem.IsWindows()
            ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        if (!Path.IsPathFullyQualified(state ?? string.Empty))
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            state = home.Length == 0 ? null : Path.Join(home, ".local", "state");
        }

        return state is null
            ? throw new NestVirtException(
                NestVirtErrorKind.ChangeRefused,
                "There is no home directory, and so no place for the journal without which no Hyper-V host is changed."
            )
            {
                Remedy = "Set XDG_STATE_HOME to a directory of your own.",
            }
            : Path.Join(state, OperatingSystem.IsWindows() ? "NestVirt" : "nestvirt", "hyperv");
    }

    /// <summary>Keeps others from changing the host until it is disposed.</summary>
    /// <returns>The lock.</returns>
    /// <exception cref="NestVirtException">Another change is under way, or the journal cannot be written.</exception>
    internal IDisposable Lock()
    {
        try
        {
            Make(folder);
            return LockFile.TryTake(LockPath) ?? throw HyperVFailure.Locked();
        }
        catch (Exception error) when (IsFault(error))
        {
            throw HyperVFailure.JournalFailed(folder, error, wasChanged: false);
        }
    }

    /// <summary>Reads the changes.</summary>
    /// <param name="target">The host.</param>
    /// <param name="isOwn">Whether the caller holds the lock: then no other change is under way.</param>
    /// <returns>The changes, the newest first.</returns>
    /// <exception cref="NestVirtException">The journal cannot be read.</exception>
    internal IReadOnlyList<JournalEntry> Read(HostTarget target, bool isOwn)
    {
        try
        {
            bool isRunning = !isOwn && LockFile.IsHeld(LockPath);
            return [.. Numbers().OrderDescending().Select(id => ReadEntry(target, id, isRunning))];
        }
        catch (Exception error) when (IsFault(error))
        {
            throw HyperVFailure.JournalFailed(folder, error, wasChanged: false);
        }
    }

    /// <summary>Writes that a change begins, before anything is done. Whoever calls it holds the lock.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>The number of the change.</returns>
    /// <exception cref="NestVirtException">The journal cannot be written.</exception>
    internal int Begin(ChangePlan plan)
    {
        string partial = Path.Join(folder, $".{Path.GetRandomFileName()}");
        try
        {
            int id = Numbers().Append(0).Max() + 1;
            Make(partial);
            Write(partial, "plan.json", PlanDocument.Write(plan));
            Write(partial, "who", $"{Environment.UserName}@{Environment.MachineName}\n");
            Write(partial, "when", $"{DateTime.UtcNow.ToString(TimeForm, CultureInfo.InvariantCulture)}\n");
            Directory.Move(partial, FolderOf(id));
            WholeFile.Flush(folder);
            return id;
        }
        catch (Exception error) when (IsFault(error))
        {
            throw HyperVFailure.JournalFailed(folder, error, wasChanged: false);
        }
    }

    /// <summary>Writes how a change ended.</summary>
    /// <param name="id">The number of the change.</param>
    /// <param name="word">One of <see cref="JournalWords"/>.</param>
    /// <exception cref="NestVirtException">The journal cannot be written.</exception>
    internal void End(int id, string word)
    {
        try
        {
            Write(FolderOf(id), "state", word + "\n");
        }
        catch (Exception error) when (IsFault(error))
        {
            throw HyperVFailure.JournalFailed(folder, error, wasChanged: true);
        }
    }

    /// <summary>Writes which virtual machines are shut down for a change, and not started again yet.</summary>
    /// <param name="id">The number of the change.</param>
    /// <param name="vms">The virtual machines.</param>
    /// <param name="wasChanged">Whether the host was changed by then.</param>
    /// <exception cref="NestVirtException">The journal cannot be written.</exception>
    internal void WriteStopped(int id, IEnumerable<Guid> vms, bool wasChanged)
    {
        try
        {
            Write(FolderOf(id), "stopped", string.Concat(vms.Select(static vm => $"{vm}\n")));
        }
        catch (Exception error) when (IsFault(error))
        {
            throw HyperVFailure.JournalFailed(folder, error, wasChanged);
        }
    }

    /// <summary>Reads which virtual machines were shut down for a change, and not started again.</summary>
    /// <param name="id">The number of the change.</param>
    /// <returns>The virtual machines.</returns>
    /// <exception cref="NestVirtException">The journal cannot be read.</exception>
    internal IReadOnlyList<Guid> ReadStopped(int id)
    {
        string path = Path.Join(FolderOf(id), "stopped");
        try
        {
            return File.Exists(path)
                ?
                [
                    .. File.ReadLines(path)
                        .Select(static line => Guid.TryParse(line, out Guid vm) ? vm : Guid.Empty)
                        .Where(static vm => vm != Guid.Empty),
                ]
                : [];
        }
        catch (Exception error) when (IsFault(error))
        {
            throw HyperVFailure.JournalFailed(folder, error, wasChanged: false);
        }
    }

    private string FolderOf(int id) => Path.Join(folder, id.ToString(CultureInfo.InvariantCulture));

    private IEnumerable<int> Numbers() =>
        !Directory.Exists(folder)
            ? []
            : Directory
                .EnumerateDirectories(folder)
                .Select(static path =>
                    int.TryParse(
                        Path.GetFileName(path),
                        NumberStyles.None,
                        CultureInfo.InvariantCulture,
                        out int number
                    )
                        ? number
                        : 0
                )
                .Where(static number => number > 0);

    private JournalEntry ReadEntry(HostTarget target, int id, bool isRunning)
    {
        string own = FolderOf(id);
        ChangePlan? plan = ReadPlan(target, own);
        return new JournalEntry(
            target,
            id,
            JournalWords.Read(Line(own, "state"), File.Exists(Path.Join(own, "plan.json")), isRunning)
        )
        {
            When = DateTimeOffset.TryParseExact(
                Line(own, "when"),
                TimeForm,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out DateTimeOffset when
            )
                ? when
                : null,
            Who = Line(own, "who"),
            BootId = plan?.Identity.BootId is { Length: > 0 } boot ? boot : null,
            Plan = plan,
            Touches =
            [
                .. (plan?.Changes ?? []).Select(static change => new TouchedThing(
                    UnitStep.Read(change.Step)?.Touches ?? TouchedThing.Everything,
                    change.Setting
                )),
            ],
        };
    }

    private static ChangePlan? ReadPlan(HostTarget target, string own)
    {
        try
        {
            string path = Path.Join(own, "plan.json");
            return File.Exists(path)
                ? PlanDocument.Read(File.ReadAllText(path), path).Plan with
                {
                    Target = target,
                }
                : null;
        }
        catch (NestVirtException)
        {
            // Another release wrote it; the entry says that its plan cannot be read.
            return null;
        }
    }

    private static string? Line(string own, string name) =>
        Path.Join(own, name) is var path && File.Exists(path) && File.ReadLines(path).FirstOrDefault() is { } line
            ? line.Trim()
            : null;

    private static void Write(string own, string name, string text) =>
        WholeFile.Write(Path.Join(own, name), Encoding.UTF8.GetBytes(text), overwrite: true);

    private static void Make(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static bool IsFault(Exception error) => error is IOException or UnauthorizedAccessException;
}
