using NestVirt.Changes;

namespace NestVirt.Linux.Files;

/// <summary>A way to change one thing on a host, and to take the change back.</summary>
/// <param name="Name">The name by which steps call it: lower-case letters.</param>
/// <param name="Script">
/// Constant POSIX sh that defines <c>nv_NAME_now</c> (prints the state, one line), <c>nv_NAME_save</c> (keeps in
/// <c>$nv_dir</c> what the way back needs), <c>nv_NAME_do</c> and <c>nv_NAME_back</c>; each is given the step's arguments.
/// Where there is one, <c>nv_NAME_ours</c> fails where the state in <c>$nv_found</c> is the work of somebody else, which is otherwise told by
/// the state after the step; <c>nv_NAME_ready</c> tells before anything is taken back what does not let it be, and fails;
/// <c>nv_NAME_mend</c> puts right what a step that changed nothing left, and fails where it cannot.
/// What they print is kept in the journal. Every path starts with <c>"$NESTVIRT_ROOT"</c>.
/// </param>
internal sealed record HostAction(string Name, string Script)
{
    /// <summary>Gets what it acts on.</summary>
    internal ActionKind Kind { get; init; } = ActionKind.Live;

    /// <summary>Gets what tells which things of the host a step has in its hands, as paths: whoever has a thing has all below it, too. Most actions are given the path of a file first.</summary>
    internal Func<HostStep, IReadOnlyList<string>> Touches { get; init; } = static step => [step.Arguments[0]];
}

/// <summary>What an action acts on; the way back goes through the kinds in this order.</summary>
internal enum ActionKind
{
    /// <summary>A file or link, which a boot, a tool or the load of a module reads later.</summary>
    File,

    /// <summary>The running host.</summary>
    Live,

    /// <summary>What is made anew from files.</summary>
    Rebuild,
}
