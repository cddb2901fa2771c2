using System.Globalization;
using NestVirt.Hosts;
using NestVirt.Text;
using NestVirt.Transport.Shell.Processes;

namespace NestVirt.Transport.Shell.OpenSsh;

/// <summary>Opens a persistent <c>/bin/sh</c> on a host through the OpenSSH client and the user's own ssh configuration.</summary>
/// <param name="program">The ssh client: a name to look up on PATH, or an absolute path.</param>
internal sealed class SshShellFactory(string program = "ssh") : IHostShellFactory
{
    // Options given first win in ssh: these keep the exchange whole, and nothing that the user gives may change them.
    private static readonly string[] s_own =
    [
        "BatchMode=yes",
        "RemoteCommand=none",
        "ClearAllForwardings=yes",
        "ForwardAgent=no",
        "ForwardX11=no",
    ];

    /// <inheritdoc/>
    public Task<IHostShell> OpenAsync(HostTarget target, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfOwn(target.ClientOptions);
        return Task.FromResult<IHostShell>(new SshShell(() => Start(target), target));
    }

    /// <summary>Lists the arguments that the ssh client gets for a host.</summary>
    /// <param name="target">The host.</param>
    /// <returns>The arguments.</returns>
    internal static IReadOnlyList<string> Arguments(HostTarget target)
    {
        // Whoever made the host should have looked; ssh before 9.6 did not.
        if (target.UserName is { } user && !HostTarget.IsUserName(user))
        {
            throw new NestVirtException(
                NestVirtErrorKind.HostNameInvalid,
                $"'{HostText.ForDisplay(user)}' is no account of a host."
            );
        }

        List<string> arguments = ["-T", "-e", "none"];
        foreach (string option in s_own.Concat(target.ClientOptions))
        {
            arguments.AddRange(["-o", option]);
        }

        int connectSeconds = Math.Max(1, (int)Math.Ceiling(target.ConnectTimeout.TotalSeconds));
        arguments.AddRange([
            "-o",
            string.Create(CultureInfo.InvariantCulture, $"ConnectTimeout={connectSeconds}"),
            "-o",
            "ServerAliveInterval=15",
            "-o",
            "ServerAliveCountMax=4",
            // At less, clients do not say that they have logged in, and those since 9.8 not that the server went away.
            "-o",
            "LogLevel=VERBOSE",
        ]);
        AddIfNamed(arguments, "-l", target.UserName);
        AddIfNamed(arguments, "-i", target.ClientKeyFilePath);
        AddIfNamed(arguments, "-p", target.Port?.ToString(CultureInfo.InvariantCulture));

        arguments.AddRange(["--", target.Name, ShellFraming.RemoteCommand]);
        return arguments;
    }

    /// <summary>Refuses options that change what is always so.</summary>
    /// <param name="options">The options.</param>
    internal static void ThrowIfOwn(IReadOnlyList<string> options)
    {
        string? given = options.FirstOrDefault(static option =>
            Array.Exists(s_own, own => IsOf(own, option) && !own.Equals(option, StringComparison.OrdinalIgnoreCase))
        );
        if (given is not null)
        {
            throw new NestVirtException(
                NestVirtErrorKind.SshOptionInvalid,
                $"The ssh option {HostText.ForDisplay(given, 80)} cannot be given: it is {Array.Find(s_own, own => IsOf(own, given))}, which the connection depends on."
            )
            {
                Remedy = $"Leave it out. These options are always so: {string.Join(", ", s_own)}.",
            };
        }
    }

    private static bool IsOf(string own, string option) =>
        option.StartsWith(own[..(own.IndexOf('=') + 1)], StringComparison.OrdinalIgnoreCase);

    private static void AddIfNamed(List<string> arguments, string option, string? value)
    {
        if (value is not null)
        {
            arguments.AddRange([option, value]);
        }
    }

    private ShellConversation Start(HostTarget target)
    {
        try
        {
            // Messages are told apart by their English text.
            return new ShellConversation(
                new ProcessChannel(ChildProcess.Start(program, Arguments(target), ("LC_ALL", "C"))),
                (exitCode, said) => SshFailure.Explain(exitCode, said, target.KeyFilePath),
                SshFailure.HostWords,
                target.SudoPassword
            );
        }
        catch (NestVirtException error) when (error.Kind == NestVirtErrorKind.ToolNotFound)
        {
            throw new NestVirtException(error.Kind, error.Message, error)
            {
                Remedy =
                    "Install the OpenSSH client, and put its folder on PATH as an absolute path; the current folder is never looked in.",
            };
        }
    }
}
