namespace NestVirt.Probing;

/// <summary>A question to a host with a shell: a constant POSIX sh fragment that prints the answer.</summary>
/// <param name="Name">The name of the answer in a script's frames and in snapshots: lower-case letters and digits.</param>
/// <param name="Script">
/// The fragment. It runs as a function, in a shell that others use after it, with standard input closed, after the
/// preamble of <see cref="ProbeScript"/>: it ends early by <c>return</c>, and must not fail where that ends a shell.
/// Every path starts with <c>"$NESTVIRT_ROOT"</c>; a tool that asks the running kernel runs only where that is empty.
/// One that <see cref="HostProbe.NeedsRoot"/> runs under <c>sudo -n</c> for others.
/// </param>
internal sealed record ShellProbe(string Name, string Script) : HostProbe(Name)
{
    /// <summary>
    /// Gets the awk function, named as the probe, that <c>nv_call</c> and <c>nv_feed</c> of the fragment run in the one
    /// awk of a script; or null. Its argument is a line; <c>root</c> is the tree; it holds no single quote. Where there
    /// is no awk, the fragment goes on without it.
    /// </summary>
    internal string? AwkFunction { get; init; }

    /// <summary>Gets a value indicating whether the output is long and asks awk nothing: then it does not go through it.</summary>
    internal bool PassesAwk { get; init; }
}
