using System.Collections.Concurrent;
using System.Management.Automation.Runspaces;
using NestVirt.Sessions;

namespace NestVirt.PowerShell.Parameters;

/// <summary>The sessions that the user opened in this process and did not remove.</summary>
internal static class OpenSessions
{
    private static readonly ConcurrentDictionary<int, (NestSession Session, Guid Runspace)> s_sessions = [];

    // An ssh client whose parent is gone ends by itself, and one that is told so ends before this process does.
    static OpenSessions() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => Remove(All);

    /// <summary>Gets the sessions, by number.</summary>
    internal static IReadOnlyList<NestSession> All =>
        [.. s_sessions.Values.Select(static one => one.Session).OrderBy(static session => session.Id)];

    /// <summary>Lists a session.</summary>
    internal static void Add(NestSession session) => s_sessions[session.Id] = (session, Here());

    /// <summary>Ends sessions, all at once, and forgets them; on return they have ended.</summary>
    internal static void Remove(IReadOnlyCollection<NestSession> sessions)
    {
        foreach (NestSession session in sessions)
        {
            s_sessions.TryRemove(session.Id, out _);
            session.Close();
        }

        foreach (NestSession session in sessions)
        {
            session.Dispose();
        }
    }

    /// <summary>Ends the sessions of a runspace that gives the module up; others of this process go on with theirs.</summary>
    internal static void RemoveOfRunspace()
    {
        Guid here = Here();
        Remove([.. s_sessions.Values.Where(one => one.Runspace == here).Select(static one => one.Session)]);
    }

    private static Guid Here() => Runspace.DefaultRunspace?.InstanceId ?? Guid.Empty;
}
