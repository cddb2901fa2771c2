using System.Text;
using NestVirt.Guidance;
using NestVirt.Text;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace NestVirt.SshNet;

/// <summary>Logs in by a password that is sent once: a wrong one is not tried again, so that no account is locked.</summary>
/// <param name="userName">The account.</param>
/// <param name="password">The password as UTF-8; this object owns it.</param>
internal sealed class PasswordOnce(string userName, byte[] password) : IDisposable
{
    private readonly string _userName = userName;
    private readonly byte[] _password = password;
    private bool _isSent;
    private bool _isOneOfMore;
    private string? _question;

    /// <summary>Gets the methods to offer, in their order.</summary>
    internal IEnumerable<AuthenticationMethod> Methods => [new ByPassword(this), new ByQuestions(this)];

    /// <summary>Gets why the password could not be given; null where nothing was in the way.</summary>
    internal NestVirtException? Fault { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => Array.Clear(_password);

    private bool TakeTurn()
    {
        bool isFirst = !_isSent;
        _isSent = true;
        return isFirst;
    }

    private SshAuthenticationException Refuse(string message, string remedy)
    {
        Fault = new NestVirtException(NestVirtErrorKind.HostAuthenticationFailed, message) { Remedy = remedy };
        return new SshAuthenticationException(message);
    }

    private string Answer(AuthenticationPrompt prompt)
    {
        if (!prompt.IsEchoed && TakeTurn())
        {
            _question = prompt.Request;
            return Encoding.UTF8.GetString(_password);
        }

        throw prompt.Request == _question
            ? new SshAuthenticationException("Permission denied (keyboard-interactive).")
            : Refuse(
                $"The host asks for more than a password: {HostText.ForDisplay(prompt.Request.Trim(), 80)}",
                Advice.Of(
                    $"Use the OpenSSH client for this host, by {HostSetting.SshClient}, with a key that the host accepts."
                )
            );
    }

    private sealed class ByPassword(PasswordOnce owner) : AuthenticationMethod(owner._userName)
    {
        public override string Name => "password";

        public override AuthenticationResult Authenticate(Session session)
        {
            if (!owner.TakeTurn())
            {
                return AuthenticationResult.Failure;
            }

            using PasswordAuthenticationMethod method = new(Username, owner._password);
            method.PasswordExpired += (_, _) =>
                throw owner.Refuse(
                    "The password has expired: the host wants a new one.",
                    "Log in once with an interactive client, and set a new password."
                );
            AuthenticationResult result = method.Authenticate(session);
            AllowedAuthentications = method.AllowedAuthentications;
            owner._isOneOfMore = result == AuthenticationResult.PartialSuccess;
            return result;
        }
    }

    // RFC 4256. The first hidden question is taken for one for the password; the same again says that it was wrong.
    private sealed class ByQuestions(PasswordOnce owner) : AuthenticationMethod(owner._userName)
    {
        public override string Name => "keyboard-interactive";

        public override AuthenticationResult Authenticate(Session session)
        {
            if (owner._isSent && !owner._isOneOfMore)
            {
                return AuthenticationResult.Failure;
            }

            using KeyboardInteractiveAuthenticationMethod method = new(Username);
            method.AuthenticationPrompt += (_, asked) =>
            {
                foreach (AuthenticationPrompt prompt in asked.Prompts)
                {
                    prompt.Response = owner.Answer(prompt);
                }
            };
            AuthenticationResult result = method.Authenticate(session);
            AllowedAuthentications = method.AllowedAuthentications;
            return result;
        }
    }
}
