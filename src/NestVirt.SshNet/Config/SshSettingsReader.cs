using System.Text;
using NestVirt.Hosts;
using NestVirt.Text;
using NestVirt.Transport.Shell.OpenSsh;
using NestVirt.Transport.Shell.Processes;

namespace NestVirt.SshNet.Config;

/// <summary>Finds out how a host is reached: from the ssh client, which knows its configuration best, or from its files.</summary>
internal static class SshSettingsReader
{
    private const int LargestFileBytes = 4 << 20;

    // As for known_hosts: whoever asks hundreds of hosts at once is busy.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static string Home => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static string GlobalFolder =>
        OperatingSystem.IsWindows()
            ? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "ssh")
            : "/etc/ssh";

    /// <summary>Reads the settings of a host.</summary>
    /// <param name="target">The host.</param>
    /// <param name="userName">The account, where the caller has one.</param>
    /// <param name="client">The ssh client, which need not be there.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The settings.</returns>
    /// <exception cref="NestVirtException">The configuration cannot be read, or says what this client does not do.</exception>
    internal static async Task<SshSettings> ReadAsync(
        HostTarget target,
        string? userName,
        string client,
        CancellationToken cancellationToken
    )
    {
        HostTarget host = target.WithSsh(ssh => ssh with { UserName = userName });
        SshConfigValues values = ProgramPath.Find(client) is { } program
            ? SshConfigValues.Parse(await AskAsync(program, host, cancellationToken).ConfigureAwait(false))
            : ReadFiles(host, Home, GlobalFolder);
        SshFeatures.ThrowIfNotDone(values);
        return SshSettings.Of(host, userName, values, Home, GlobalFolder);
    }

    /// <summary>Reads the files of the ssh configuration.</summary>
    /// <param name="target">The host.</param>
    /// <param name="home">The user's home folder.</param>
    /// <param name="globalFolder">The folder of the machine's own ssh files.</param>
    /// <returns>What they say.</returns>
    internal static SshConfigValues ReadFiles(HostTarget target, string home, string globalFolder)
    {
        SshConfigValues values = new();
        foreach (string option in target.SshOptions)
        {
            if (SshConfigFile.Split(option) is var (keyword, words))
            {
                values.Add(keyword, words);
            }
        }

        if (target.UserName is { } user)
        {
            values.Add("user", [user]);
        }

        SshConfigFile file = new(target.Name, values, home, ReadLines);
        string folder = Path.Join(home, ".ssh");
        file.Read(Path.Join(folder, "config"), folder);
        file.Read(Path.Join(globalFolder, "ssh_config"), globalFolder);
        return values;
    }

    private static async Task<string> AskAsync(string program, HostTarget target, CancellationToken cancellationToken)
    {
        // Without the last word, which is for the host.
        string[] arguments = ["-G", .. SshShellFactory.Arguments(target).SkipLast(1)];
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(target.ConnectTimeout);
        ProcessChannel channel = new(ChildProcess.Start(program, arguments, ("LC_ALL", "C")));
        await using (channel.ConfigureAwait(false))
        {
            using CancellationTokenRegistration ending = deadline.Token.Register(channel.Abort);
            channel.CloseInput();
            using MemoryStream output = new();
            using MemoryStream error = new();
            try
            {
                await Task.WhenAll(
                        channel.Output.CopyToAsync(output, deadline.Token),
                        channel.Error.CopyToAsync(error, deadline.Token)
                    )
                    .ConfigureAwait(false);
                int exitCode = await channel.WaitForEndAsync(deadline.Token).ConfigureAwait(false);
                return exitCode == 0 ? TextOf(output) : throw SshFailure.Explain(exitCode, TextOf(error));
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new NestVirtException(
                    NestVirtErrorKind.HostTimeout,
                    $"The ssh client did not say within {DurationText.Of(target.ConnectTimeout)} what its configuration has for the host."
                )
                {
                    Remedy = "Look at the Match exec lines of the ssh configuration.",
                };
            }
        }
    }

    private static string TextOf(MemoryStream bytes) =>
        Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);

    // Include takes patterns; a file that is not there is no error.
    private static IEnumerable<string[]> ReadLines(string pattern)
    {
        string folder = Path.GetDirectoryName(pattern) ?? string.Empty;
        string name = Path.GetFileName(pattern);
        return name.AsSpan().IndexOfAny('*', '?') < 0 ? LinesOf(pattern)
            : Directory.Exists(folder)
                ? Directory
                    .EnumerateFiles(folder)
                    .Where(path => HostPattern.IsMatch(name, Path.GetFileName(path)))
                    .Order(StringComparer.Ordinal)
                    .SelectMany(LinesOf)
            : [];
    }

    private static IEnumerable<string[]> LinesOf(string path)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        string[] lines;
        try
        {
            lines = [.. InputFile.ReadLines(path, LargestFileBytes, s_patience)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NestVirtException(
                NestVirtErrorKind.SshOptionInvalid,
                $"The ssh configuration '{HostText.ForDisplay(path)}' cannot be read: {FileFault.Of(path, error)}.",
                error
            );
        }

        yield return lines;
    }
}
