using NestVirt.Hosts;
using NestVirt.Transport.Cim;
using NestVirt.Transport.Cim.Mi;

namespace NestVirt.PowerShell.Cim;

/// <summary>Windows' own client of CIM, as the module takes it: nothing here needs its types to load.</summary>
internal static class MiClient
{
    private const string SessionType = "Microsoft.Management.Infrastructure.CimSession";

    /// <summary>Gets a value indicating whether it can open a session: elsewhere than on Windows it has the types alone.</summary>
    internal static bool IsHere => OperatingSystem.IsWindows();

    /// <summary>Brings it where it is.</summary>
    internal static void Use()
    {
        if (IsHere)
        {
            WindowsCim.Use(OpenAsync);
        }
    }

    /// <summary>Tells whether something is a session of New-CimSession, and no picture of one that was in a file or a job.</summary>
    internal static bool IsSession(object? item) => item?.GetType().FullName == SessionType;

    /// <summary>Makes the host of a session that the user made.</summary>
    internal static HostTarget TargetOf(object session)
    {
        string name = MiSession.ComputerNameOf(session) ?? HostTarget.Local.Name;
        return new HostTarget(name, new WsManAddress(name) { Session = session });
    }

    private static async Task<ICimSession> OpenAsync(HostTarget target, CancellationToken cancellationToken)
    {
        MiLogin login = MiLogin.Of(target);
        try
        {
            return await OtherThread.RunAsync(() => MiSession.Open(login), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
            when (error
                    is FileNotFoundException
                        or FileLoadException
                        or BadImageFormatException
                        or TypeLoadException
                        or TypeInitializationException
                        or MissingMethodException
            )
        {
            throw MiFault.Missing(error);
        }
    }
}
