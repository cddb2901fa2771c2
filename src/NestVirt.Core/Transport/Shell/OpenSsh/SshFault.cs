namespace NestVirt.Transport.Shell.OpenSsh;

/// <summary>What can go wrong on the way to a shell over SSH, whichever client meets it.</summary>
internal enum SshFault
{
    KeyChanged,
    KeyRevoked,
    KeyUnknown,
    OptionsRefused,
    ConfigNotTrusted,
    KeyFileOpenToOthers,
    KeyFileMissing,
    KeyFileUnreadable,
    TooManyKeys,
    LoginRefused,
    SaysNothing,
    ClosedAfterLogin,
    NoSshServer,
    NameUnknown,
    JumpFailed,
    PortClosed,
    NoRoute,
    NoAnswer,
    NothingInCommon,
    NotReached,
}
