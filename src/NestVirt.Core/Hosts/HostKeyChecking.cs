namespace NestVirt.Hosts;

/// <summary>Tells which options for the ssh client make it believe a host that it would not believe by itself.</summary>
internal static class HostKeyChecking
{
    private static readonly string[] s_nowhere = ["/dev/null", "none", "nul"];

    /// <summary>Tells whether an option loosens the check of host keys.</summary>
    /// <param name="option">The option, as KEY=VALUE.</param>
    /// <returns>True if so. A value that is not known to be a strict one is a loose one.</returns>
    internal static bool IsLoosenedBy(string option)
    {
        (string name, string value) = SshOption.Split(option);
        return name switch
        {
            "STRICTHOSTKEYCHECKING" => value is not ("yes" or "true" or "ask"),
            "NOHOSTAUTHENTICATIONFORLOCALHOST" => value is not ("no" or "false"),
            "VERIFYHOSTKEYDNS" => value is not ("no" or "false" or "ask"),
            "USERKNOWNHOSTSFILE" => value
                .Split([' ', '\t', '"'], StringSplitOptions.RemoveEmptyEntries)
                .Any(s_nowhere.Contains),
            _ => false,
        };
    }

    /// <summary>Says what an option that loosens the check means.</summary>
    /// <param name="option">The option, as KEY=VALUE.</param>
    /// <returns>A sentence.</returns>
    internal static string WarningOf(string option) =>
        $"'{option}' loosens the check of host keys: another machine may answer in a host's place, unnoticed.";
}
