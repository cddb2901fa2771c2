using System.Globalization;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Why a host does not do what was asked. What follows from it rests on its codes alone, since its text is in the host's language.</summary>
/// <param name="Subcode">The code of SOAP, of WS-Management or of a part of it, without a prefix.</param>
/// <param name="Codes">The codes of Windows, the outermost first.</param>
/// <param name="CimStatus">The status of CIM (DSP0200, status codes), if there is one.</param>
/// <param name="Text">What the host says of it, in its language.</param>
internal sealed record WsManFault(string Subcode, IReadOnlyList<uint> Codes, uint? CimStatus, string Text)
{
    // Win32 errors, HRESULTs of them, those of WMI ("WMI Error Constants") and those of WS-Management (wsmerror.h).
    private const uint AccessDenied = 5;
    private const uint AccessDeniedResult = 0x80070005;
    private const uint WmiAccessDenied = 0x80041003;
    private const uint WmiNotFound = 0x80041002;
    private const uint WmiInvalidNamespace = 0x8004100E;
    private const uint WmiInvalidClass = 0x80041010;
    private const uint WmiInvalidQuery = 0x80041017;
    private const uint ResourceNotFound = 0x80338000;
    private const uint EnumerationClosed = 0x80338007;
    private const uint CannotProcessFilter = 0x8033801A;
    private const uint InvalidEnumerationContext = 0x8033801B;
    private const uint EnvelopeTooLarge = 0x80338026;
    private const uint OperationTimedOut = 0x80338029;

    private const string RightAccount =
        "Use an account that is in the groups Remote Management Users and Hyper-V Administrators of the host, or in its Administrators.";

    // MI_Result has the numbers of DSP0200.
    private const uint CimAccessDenied = 2;
    private const uint CimInvalidNamespace = 3;
    private const uint CimInvalidClass = 5;
    private const uint CimNotFound = 6;
    private const uint CimNotSupported = 7;
    private const uint CimInvalidQuery = 15;
    private const uint CimMethodNotAvailable = 16;
    private const uint CimMethodNotFound = 17;
    private const uint CimInvalidEnumerationContext = 21;

    /// <summary>Gets a value indicating whether there is no such instance.</summary>
    /// <remarks>Recorded for an instance; that Windows answers alike for a class that is not there is unproven.</remarks>
    internal bool IsNotFound =>
        !IsClassMissing
        && (
            CimStatus == CimNotFound || Subcode == "DestinationUnreachable" || Has(WmiNotFound) || Has(ResourceNotFound)
        );

    /// <summary>Gets a value indicating whether the host has forgotten an enumeration.</summary>
    internal bool IsContextGone =>
        Subcode == "InvalidEnumerationContext"
        || CimStatus == CimInvalidEnumerationContext
        || Has(InvalidEnumerationContext)
        || Has(EnumerationClosed);

    private bool IsDenied =>
        Subcode == "AccessDenied"
        || CimStatus == CimAccessDenied
        || Has(AccessDenied)
        || Has(AccessDeniedResult)
        || Has(WmiAccessDenied);

    private bool IsClassMissing =>
        CimStatus is CimInvalidNamespace or CimInvalidClass || Has(WmiInvalidNamespace) || Has(WmiInvalidClass);

    private bool IsTimeout => Subcode == "TimedOut" || Has(OperationTimedOut);

    private bool IsTooLarge => Subcode == "EncodingLimit" || Has(EnvelopeTooLarge);

    private bool IsUnsupported =>
        CimStatus is CimNotSupported or CimInvalidQuery or CimMethodNotAvailable or CimMethodNotFound
        || Subcode is "ActionNotSupported" or "UnsupportedFeature" or "CannotProcessFilter"
        || Has(CannotProcessFilter)
        || Has(WmiInvalidQuery);

    /// <summary>Makes the error of it.</summary>
    /// <param name="task">What was asked, as the end of "The host cannot …".</param>
    /// <returns>The error.</returns>
    internal WsManFaultException ToException(string task)
    {
        (NestVirtErrorKind kind, string start) = this switch
        {
            { IsDenied: true } => (NestVirtErrorKind.HostPermissionDenied, $"{CimReasons.Denied} {task}"),
            { IsTimeout: true } => (NestVirtErrorKind.HostTimeout, $"The host took too long to {task}"),
            { IsClassMissing: true } or { IsNotFound: true } => (
                NestVirtErrorKind.FeatureNotSupported,
                $"The host cannot {task}, since it does not have it"
            ),
            { IsUnsupported: true } => (
                NestVirtErrorKind.FeatureNotSupported,
                $"The host cannot {task}, since it does not support that, or lacks a class that is named in it"
            ),
            { IsTooLarge: true } => (
                NestVirtErrorKind.ProbeOutputInvalid,
                $"The host cannot {task}, since its answer would be too long"
            ),
            _ => (NestVirtErrorKind.ProbeOutputInvalid, $"The host cannot {task}"),
        };
        return new WsManFaultException(this, kind, $"{start}: {Said}")
        {
            Remedy = kind == NestVirtErrorKind.HostPermissionDenied ? RightAccount : null,
        };
    }

    /// <summary>Gets what the host says of it and its codes, as the end of a sentence.</summary>
    internal string Said
    {
        get
        {
            string said = Text.Length == 0 ? "it says no more" : Text;
            string[] codes =
            [
                .. new[] { Subcode }.Concat(Codes.Take(1).Select(Shown)).Where(static code => code.Length > 0),
            ];
            return codes.Length == 0 ? $"{said}." : $"{said} ({string.Join(", ", codes)}).";
        }
    }

    private bool Has(uint code) => Codes.Contains(code);

    private static string Shown(uint code) =>
        code > ushort.MaxValue
            ? string.Create(CultureInfo.InvariantCulture, $"0x{code:X8}")
            : code.ToString(CultureInfo.InvariantCulture);
}
