using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using NestVirt.Hosts;
using NestVirt.Transport.Shell;

namespace NestVirt.Transport;

/// <summary>The built-in SSH client, which a front end brings, and which is loaded when the first host needs it.</summary>
public static class SshLibrary
{
    private const string TypeName = "NestVirt.SshNet.SshNetShellFactory";

    private static Lazy<IHostShellFactory>? s_shells;

    /// <summary>Gets what opens shells through the client.</summary>
    internal static IHostShellFactory Shells { get; } = new LaterShells();

    /// <summary>Brings the client. It is made once, when it is needed.</summary>
    /// <param name="create">Makes the client.</param>
    public static void Use(Func<IHostShellFactory> create) => s_shells = new Lazy<IHostShellFactory>(create);

    /// <summary>Brings the client that an assembly holds, which is loaded when it is needed.</summary>
    /// <param name="load">Loads the assembly <c>NestVirt.SshNet</c>.</param>
    [RequiresUnreferencedCode("The client is found by its name.")]
    public static void Use(Func<Assembly> load) =>
        Use(() => (IHostShellFactory)Activator.CreateInstance(load().GetType(TypeName, throwOnError: true)!)!);

    private sealed class LaterShells : IHostShellFactory
    {
        /// <exception cref="NestVirtException">This program brought no client.</exception>
        public Task<IHostShell> OpenAsync(HostTarget target, CancellationToken cancellationToken) =>
            s_shells?.Value.OpenAsync(target, cancellationToken)
            ?? throw new NestVirtException(
                NestVirtErrorKind.ToolNotFound,
                "This program has no SSH client of its own, and there is no ssh on this machine that could be used."
            )
            {
                Remedy =
                    "Install the OpenSSH client, and put its folder on PATH as an absolute path; the current folder is never looked in.",
            };
    }
}
