namespace NestVirt.Transport.Shell;

/// <summary>The host let the account in, and sudo did not take the password that was given for it.</summary>
/// <param name="message">A sentence for the user.</param>
internal sealed class SudoFailedException(string message)
    : NestVirtException(NestVirtErrorKind.HostAuthenticationFailed, message);
