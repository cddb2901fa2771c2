using System.Net;
using System.Security;
using Microsoft.Management.Infrastructure;
using Microsoft.Management.Infrastructure.Options;
using NestVirt.Hosts;
using NestVirt.Transport.Cim;
using NestVirt.Transport.Cim.Mi;
using CimInstance = NestVirt.Transport.Cim.CimInstance;
using CimMethodResult = NestVirt.Transport.Cim.CimMethodResult;
using CimType = NestVirt.Transport.Cim.CimType;
using MiInstance = Microsoft.Management.Infrastructure.CimInstance;
using MiMethodResult = Microsoft.Management.Infrastructure.CimMethodResult;
using MiType = Microsoft.Management.Infrastructure.CimType;

namespace NestVirt.PowerShell.Cim;

/// <summary>The way to the classes of a host through MMI, which PowerShell has on Windows: each call here is one of MMI.</summary>
/// <remarks>
/// The signatures are those of the package, and what they do that of PowerShell/MMI; that it does so on a Windows host is
/// unproven. No field, no state of a method that awaits, and no signature that others see has a type of MMI as a value, so that
/// the assembly loads where there is none.
/// </remarks>
internal sealed class MiSession : ICimSession
{
    private const string Wql = "WQL";

    private readonly CimSession _session;
    private readonly TimeSpan _timeout;
    private readonly bool _isOwn;

    private MiSession(CimSession session, TimeSpan timeout, bool isOwn) =>
        (_session, _timeout, _isOwn) = (session, timeout, isOwn);

    /// <summary>Logs in: to this machine without WinRM, to a host through it, or not at all where the user did so.</summary>
    internal static ICimSession Open(MiLogin login)
    {
        if (login.Session is not null)
        {
            return new MiSession((CimSession)login.Session, login.Timeout, isOwn: false);
        }

        if (login.Host is null)
        {
            return Told("open a session", () => new MiSession(CimSession.Create(null), login.Timeout, isOwn: true));
        }

        MiSession session = Told("open a session", () => new MiSession(Connect(login), login.Timeout, isOwn: true));
        if (!session._session.TestConnection(out MiInstance _, out CimException fault))
        {
            session._session.Dispose();
            throw FaultOf(fault).ToException("open a session");
        }

        return session;
    }

    /// <summary>Tells which host a session of the user's is to.</summary>
    internal static string? ComputerNameOf(object session) => ((CimSession)session).ComputerName;

    /// <inheritdoc/>
    public IAsyncEnumerable<CimInstance> QueryAsync(
        string @namespace,
        string wql,
        CancellationToken cancellationToken
    ) =>
        OtherThread.ListAsync(
            List(
                $"answer \"{wql}\" in {@namespace}",
                @namespace,
                options => _session.QueryInstances(@namespace, Wql, wql, options),
                cancellationToken
            ),
            cancellationToken
        );

    /// <inheritdoc/>
    public IAsyncEnumerable<CimInstance> EnumerateAsync(
        string @namespace,
        string className,
        CancellationToken cancellationToken
    ) =>
        OtherThread.ListAsync(
            List(
                $"list the class {className} of {@namespace}",
                @namespace,
                options => _session.EnumerateInstances(@namespace, className, options),
                cancellationToken
            ),
            cancellationToken
        );

    /// <inheritdoc/>
    public Task<CimInstance?> GetAsync(CimPath path, CancellationToken cancellationToken) =>
        OtherThread.RunAsync<CimInstance?>(
            () =>
            {
                using CimOperationOptions options = Options(cancellationToken);
                try
                {
                    using MiInstance found = _session.GetInstance(path.Namespace, KeysOf(path), options);
                    return Read(found, path.Namespace);
                }
                catch (ObjectDisposedException error)
                {
                    throw MiFault.Ended(error);
                }
                catch (CimException error)
                {
                    MiFault fault = FaultOf(error);
                    return fault.IsNotFound ? null : throw fault.ToException($"read {path}");
                }
            },
            cancellationToken
        );

    /// <inheritdoc/>
    public Task<CimMethodResult> InvokeAsync(
        CimPath path,
        string method,
        IReadOnlyList<CimArgument> arguments,
        CancellationToken cancellationToken
    ) =>
        OtherThread.RunAsync(
            () => Told($"call {method} of {path}", () => Invoke(path, method, arguments, cancellationToken)),
            cancellationToken
        );

    /// <summary>Ends the session, if it is not the user's. What it still waits for is no affair of the caller's.</summary>
    public ValueTask DisposeAsync()
    {
        if (_isOwn)
        {
            _ = Task.Run(_session.Dispose);
        }

        return ValueTask.CompletedTask;
    }

    private static CimSession Connect(MiLogin login)
    {
        using WSManSessionOptions options = new() { Timeout = login.Timeout };
        if (login.UseSsl)
        {
            options.UseSsl = true;
        }

        if (login.Port is { } port)
        {
            options.DestinationPort = port;
        }

        NetworkCredential? given = login.ToCredential();
        using SecureString? password = given?.SecurePassword;
        if (CredentialOf(given, password, login.Authentication) is { } credential)
        {
            options.AddDestinationCredentials(credential);
        }

        return CimSession.Create(login.Host, options);
    }

    private static CimCredential? CredentialOf(
        NetworkCredential? given,
        SecureString? password,
        WsManAuthentication authentication
    ) =>
        given is not null
            ? new CimCredential(
                authentication switch
                {
                    WsManAuthentication.Basic => PasswordAuthenticationMechanism.Basic,
                    WsManAuthentication.Negotiate => PasswordAuthenticationMechanism.Negotiate,
                    WsManAuthentication.Kerberos => PasswordAuthenticationMechanism.Kerberos,
                    WsManAuthentication.NtlmDomain => PasswordAuthenticationMechanism.NtlmDomain,
                    _ => PasswordAuthenticationMechanism.Default,
                },
                given.Domain,
                given.UserName,
                password
            )
            : authentication switch
            {
                WsManAuthentication.Negotiate => new CimCredential(ImpersonatedAuthenticationMechanism.Negotiate),
                WsManAuthentication.Kerberos => new CimCredential(ImpersonatedAuthenticationMechanism.Kerberos),
                WsManAuthentication.NtlmDomain => new CimCredential(ImpersonatedAuthenticationMechanism.NtlmDomain),
                _ => null,
            };

    private CimOperationOptions Options(CancellationToken cancellationToken) =>
        new() { Timeout = _timeout, CancellationToken = cancellationToken };

    private IEnumerable<CimInstance> List(
        string task,
        string @namespace,
        Func<CimOperationOptions, IEnumerable<MiInstance>> ask,
        CancellationToken cancellationToken
    )
    {
        using CimOperationOptions options = Options(cancellationToken);
        using IEnumerator<MiInstance> found = Told(task, () => ask(options).GetEnumerator());
        while (Told(task, found.MoveNext))
        {
            using MiInstance item = found.Current;
            yield return Read(item, @namespace);
        }
    }

    private CimMethodResult Invoke(
        CimPath path,
        string method,
        IReadOnlyList<CimArgument> arguments,
        CancellationToken cancellationToken
    )
    {
        using CimOperationOptions options = Options(cancellationToken);
        using CimMethodParametersCollection parameters = [.. arguments.Select(ParameterOf)];
        using MiMethodResult? result =
            path.Keys.Count == 0
                ? _session.InvokeMethod(path.Namespace, path.ClassName, method, parameters, options)
                : _session.InvokeMethod(path.Namespace, InstanceOf(path, options), method, parameters, options);
        CimInstance output = new(method);
        foreach (CimMethodParameter parameter in result?.OutParameters ?? Enumerable.Empty<CimMethodParameter>())
        {
            output.Set(parameter.Name, Read(parameter.Value, parameter.CimType, path.Namespace));
        }

        return new CimMethodResult((uint)(output.Number(nameof(MiMethodResult.ReturnValue)) ?? 0), output);
    }

    // WMI wants every key; of a service, of which a host has one, callers know the class alone.
    private MiInstance InstanceOf(CimPath path, CimOperationOptions options) =>
        path.Keys is [{ Key: "CreationClassName" }]
            ? _session.EnumerateInstances(path.Namespace, path.ClassName, options).FirstOrDefault() ?? KeysOf(path)
            : KeysOf(path);

    private static MiInstance KeysOf(CimPath path)
    {
        MiInstance instance = new(path.ClassName, path.Namespace);
        foreach ((string name, CimValue value) in path.Keys)
        {
            instance.CimInstanceProperties.Add(
                value is CimValue.Reference other
                    ? CimProperty.Create(name, KeysOf(other.Path), MiType.Reference, CimFlags.Key)
                    : CimProperty.Create(name, MiValues.Write(value), CimFlags.Key)
            );
        }

        return instance;
    }

    private static CimMethodParameter ParameterOf(CimArgument argument) =>
        argument.Value switch
        {
            CimValue.Reference reference => CimMethodParameter.Create(
                argument.Name,
                KeysOf(reference.Path),
                MiType.Reference,
                CimFlags.In
            ),
            CimValue.Array { Type: CimType.Reference } references => CimMethodParameter.Create(
                argument.Name,
                references.Items.OfType<CimValue.Reference>().Select(static item => KeysOf(item.Path)).ToArray(),
                MiType.ReferenceArray,
                CimFlags.In
            ),
            { } plain => CimMethodParameter.Create(argument.Name, MiValues.Write(plain), CimFlags.In),
        };

    private static CimInstance Read(MiInstance from, string @namespace)
    {
        CimInstance instance = new(from.CimSystemProperties.ClassName, from.CimInstanceProperties.Count)
        {
            Path = PathOf(from, isMarked: true, @namespace),
        };
        foreach (CimProperty property in from.CimInstanceProperties)
        {
            instance.Set(property.Name, Read(property.Value, property.CimType, @namespace));
        }

        return instance;
    }

    private static CimValue? Read(object? value, MiType type, string @namespace)
    {
        bool isPath = type is MiType.Reference or MiType.ReferenceArray;
        return MiValues.Read(
            value,
            instance =>
                isPath
                    ? CimValue.Of(PathOf((MiInstance)instance, isMarked: false, @namespace))
                    : new CimValue.Embedded(Read((MiInstance)instance, @namespace))
        );
    }

    // Of an instance the keys are marked; a reference has nothing else.
    private static CimPath PathOf(MiInstance instance, bool isMarked, string @namespace) =>
        new(
            (instance.CimSystemProperties.Namespace ?? @namespace).Replace('\\', '/'),
            instance.CimSystemProperties.ClassName,
            [
                .. instance
                    .CimInstanceProperties.Where(property =>
                        property.Value is not null && (!isMarked || property.Flags.HasFlag(CimFlags.Key))
                    )
                    .Select(property =>
                        KeyValuePair.Create(property.Name, Read(property.Value, property.CimType, @namespace)!)
                    ),
            ]
        );

    private static T Told<T>(string task, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (ObjectDisposedException error)
        {
            throw MiFault.Ended(error);
        }
        catch (CimException error)
        {
            throw FaultOf(error).ToException(task);
        }
    }

    private static MiFault FaultOf(CimException error) =>
        new((uint)error.NativeErrorCode, error.MessageId, error.Message);
}
