using System.Globalization;
using NestVirt.Core.Tests.Transport.Shell.OpenSsh;

namespace NestVirt.Core.Tests.Transport.Shell;

/// <summary>What the real sudo of this machine lets an account do, for as long as a test needs it.</summary>
internal sealed class SudoRules : IDisposable
{
    private readonly string _file;
    private readonly string _log;

    /// <summary>Initializes a new instance of the <see cref="SudoRules"/> class.</summary>
    /// <param name="user">The account.</param>
    /// <param name="rules">Lines of sudoers; ME stands for the account.</param>
    internal SudoRules(ThrowAwayUser user, params string[] rules)
    {
        Needs.Tools("sudo");
        _file = $"/etc/sudoers.d/{user.Name}";
        _log = Path.Combine(Path.GetTempPath(), $"{user.Name}.sudo.log");
        string[] lines = [$"Defaults:ME logfile={_log}, !mail_badpass", .. rules];
        File.WriteAllLines(
            _file,
            lines.Select(line => line.Replace("ME", user.Name, StringComparison.Ordinal)),
            new System.Text.UTF8Encoding(false)
        );
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        }
    }

    /// <summary>Gets what sudo logged.</summary>
    internal string Log => File.Exists(_log) ? File.ReadAllText(_log) : string.Empty;

    /// <summary>Gets how many wrong passwords sudo logged; null for no word of it.</summary>
    internal int? WrongPasswords =>
        Log.Split(' ', '\n') is var words && Array.IndexOf(words, "incorrect") is var at and > 0
            ? int.Parse(words[at - 1], CultureInfo.InvariantCulture)
            : null;

    public void Dispose()
    {
        File.Delete(_file);
        File.Delete(_log);
    }
}
