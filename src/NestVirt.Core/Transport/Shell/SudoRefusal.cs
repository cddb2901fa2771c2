using NestVirt.Guidance;
using NestVirt.Text;

namespace NestVirt.Transport.Shell;

/// <summary>Why sudo makes an account no root, told apart by what sudo says (in English, since LC_ALL is C).</summary>
/// <remarks>The words are those of sudo 1.8 to 1.9 (sudo.ws) and of sudo-rs.</remarks>
internal sealed record SudoRefusal
{
    private const string Other = "Log in as root, or let the account use sudo without a password.";
    private const int ShownLength = 200;

    private static readonly (string[] Words, SudoRefusal Refusal)[] s_known =
    [
        (
            ["must have a tty", "no tty present"],
            new("sudo works on a terminal alone here (requiretty)")
            {
                Remedy =
                    "Put 'Defaults:ACCOUNT !requiretty' into the host's sudoers by visudo, with the account for ACCOUNT; or log in as root.",
            }
        ),
        (
            ["a password is required", "authentication is required"],
            new("sudo asks this account for a password")
            {
                Remedy = Advice.Of(
                    $"Give it by {HostSetting.SudoPassword}, log in as root, or let the account use sudo without a password."
                ),
            }
        ),
        (
            ["not in the sudoers", "not allowed to", "may not run sudo", "afraid I can't do that"],
            new("sudo does not let this account run /bin/sh")
            {
                Remedy =
                    "Allow the account /bin/sh in the host's sudoers, by visudo: ACCOUNT ALL=(root) /bin/sh. Or log in as root.",
            }
        ),
        (
            ["no new privileges", "must be owned by uid 0", "effective uid is not 0"],
            new("sudo cannot make anybody root here: it may be a container, or a file system without setuid")
            {
                Remedy = "Log in as root, and to the host itself rather than to a container on it.",
            }
        ),
        (
            ["account validation failure", "account is locked", "account has expired", "password expired"],
            new("the account is locked or has expired for sudo")
            {
                Remedy = "Have the account renewed (chage -l ACCOUNT).",
            }
        ),
    ];

    private SudoRefusal(string reason) => Reason = reason;

    /// <summary>Gets the refusal of a host that has no sudo.</summary>
    internal static SudoRefusal NotInstalled { get; } = new("the host has no sudo");

    /// <summary>Gets the refusal where the user forbade sudo.</summary>
    internal static SudoRefusal Forbidden { get; } = new("sudo was not to be used");

    /// <summary>Gets why, as the end of a sentence.</summary>
    internal string Reason { get; }

    /// <summary>Gets what can be done.</summary>
    internal string Remedy { get; private init; } = Other;

    /// <summary>Reads why sudo refused.</summary>
    /// <param name="said">What it said.</param>
    /// <returns>The refusal.</returns>
    internal static SudoRefusal Of(string said)
    {
        foreach ((string[] words, SudoRefusal refusal) in s_known)
        {
            if (Array.Exists(words, word => said.Contains(word, StringComparison.OrdinalIgnoreCase)))
            {
                return refusal;
            }
        }

        string shown = HostText.ForDisplay(said, ShownLength);
        return new SudoRefusal(
            shown.Length == 0 ? "sudo -n is not allowed for this account" : $"sudo refuses: {shown}"
        );
    }

    /// <summary>Finds what can be done against a refusal that another text names.</summary>
    /// <param name="text">The text, which ends with the reason.</param>
    /// <returns>The advice.</returns>
    internal static string RemedyIn(string text) =>
        Array.Find(s_known, known => text.Contains(known.Refusal.Reason, StringComparison.Ordinal)).Refusal?.Remedy
        ?? Other;
}
