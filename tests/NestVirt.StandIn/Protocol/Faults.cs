namespace NestVirt.StandIn.Protocol;

/// <summary>
/// The faults. Recorded whole are: not found, timed out, internal error of a provider (microsoft/omi,
/// test_wsmanparser.cpp), schema validation, not understood (pypsrp, test_wsman.py). The others have the code, subcode
/// and sentence of wsmerror.h of the Windows SDK; their detail is not recorded.
/// </summary>
internal static class Faults
{
    private const string Cannot = "The WS-Management service cannot process the request. ";
    private const string SchemaMismatch =
        "The SOAP XML in the message does not match the corresponding XML schema definition. "
        + "Change the XML and retry. ";

    internal static WsManFault NotFound(string operation, string path, string provider) =>
        new(
            Uris.AddressingFaultAction,
            "s:Sender",
            "a:DestinationUnreachable",
            2150858752,
            Cannot + "The service cannot find the resource identified by the resource URI and selectors. "
        )
        {
            Detail = "InvalidResourceURI",
            ReasonLanguage = "en-US",
            CimStatus = 6,
            Provider = new ProviderStatus(operation, path, provider),
        };

    internal static WsManFault TimedOut() =>
        Own(
            "s:Receiver",
            "w:TimedOut",
            2150858793,
            "The WS-Management service cannot complete the operation within the time specified in OperationTimeout."
        );

    internal static WsManFault Schema(string message) =>
        Own("s:Sender", "w:SchemaValidationError", 2150858817, SchemaMismatch + message);

    internal static WsManFault NotUnderstood(string name, string namespaceName) =>
        new(
            Uris.AddressingFaultAction,
            "s:MustUnderstand",
            null,
            null,
            "The WS-Management service cannot process a SOAP header in the request that is marked as mustUnderstand by "
                + "the client.  This could be caused by the use of a version of the protocol which is not supported, or "
                + "may be an incompatibility  between the client and server implementations. "
        )
        {
            NotUnderstood = (name, namespaceName),
        };

    /// <summary>A namespace that is not there. The sentence was seen in the field; its code is not recorded.</summary>
    internal static WsManFault BadNamespace(string name) =>
        Resource($"The CIM namespace {name} is invalid. ", new ProviderStatus("Connect", name, "WinMgmt")) with
        {
            CimStatus = 3,
        };

    /// <summary>A class that is not there. The sentence was seen in the field; its code is not recorded.</summary>
    internal static WsManFault BadClass(string name, string namespaceName) =>
        Resource(
            $"The class {name} does not exist in the {namespaceName} namespace. ",
            new ProviderStatus("ExecQuery", name, "WinMgmt")
        ) with
        {
            CimStatus = 5,
        };

    internal static WsManFault InvalidResourceUri() =>
        Resource(
            "The resource URI is missing or it has an incorrect format. Check the documentation or use the following "
                + "command for information on how to construct a resource URI: \"winrm help uris\". ",
            provider: null
        );

    /// <summary>
    /// Rights that the user lacks: code 5, as any Win32 error (event log of WinRM, and others' tests).
    /// </summary>
    internal static WsManFault AccessDenied() =>
        Own("s:Sender", "w:AccessDenied", 5, "Access is denied. ") with
        {
            CimStatus = 2,
        };

    internal static WsManFault InvalidAction() =>
        new(
            Uris.AddressingFaultAction,
            "s:Sender",
            "a:ActionNotSupported",
            2150858753,
            Cannot
                + "The WS-Addressing action URI is invalid. Check the documentation for information on how to construct "
                + "an action URI. "
        );

    internal static WsManFault HeaderRequired() =>
        new(
            Uris.AddressingFaultAction,
            "s:Sender",
            "a:MessageInformationHeaderRequired",
            2150858769,
            Cannot + "The request does not have all the expected SOAP headers. "
        );

    internal static WsManFault EnvelopeTooSmall() =>
        Own(
            "s:Sender",
            "w:EncodingLimit",
            2150858878,
            "The WS-Management service cannot process the request because the envelope size in the request is too "
                + "small. "
        ) with
        {
            Detail = "MinimumEnvelopeLimit",
        };

    internal static WsManFault EnvelopeTooLarge() =>
        Own(
            "s:Sender",
            "w:EncodingLimit",
            2150858824,
            "The response that the WS-Management service computed exceeds the maximum envelope size in the request. "
        ) with
        {
            Detail = "MaxEnvelopeSizeExceeded",
        };

    internal static WsManFault InvalidContext() =>
        new(
            Uris.EnumerationFaultAction,
            "s:Receiver",
            "n:InvalidEnumerationContext",
            2150858779,
            "The WS-Enumeration context in the enumeration is not valid. Enumeration may have been completed or "
                + "canceled. You cannot use this enumeration context anymore. Start a new enumeration. "
        );

    internal static WsManFault BadDialect() =>
        new(
            Uris.EnumerationFaultAction,
            "s:Sender",
            "n:FilterDialectRequestedUnavailable",
            2150858777,
            "The filter dialect (the type associated with the filter) was not supported for this resource. Change the "
                + "filter dialect or remove it from the request and try the request again. "
        );

    internal static WsManFault BadFilter(string description) =>
        new(
            Uris.EnumerationFaultAction,
            "s:Sender",
            "n:CannotProcessFilter",
            2150858778,
            "The data source could not process the filter. The filter might be missing or it might be invalid. Change "
                + "the filter and try the request again. "
        )
        {
            Provider = new ProviderStatus("ExecQuery", description, "WinMgmt"),
        };

    internal static WsManFault FilterNeedsWildcard() =>
        Resource(
            "The resource URI for an enumeration operation with WQL filter must not contain keys and the class name "
                + "must be '*' (star). Use the following command to get more information in how to construct a resource "
                + "URI: \"winrm help uris\". ",
            provider: null
        ) with
        {
            Number = 2150859003,
        };

    internal static WsManFault DifferentNamespaces() =>
        Own(
            "s:Sender",
            "w:InvalidSelectors",
            2150859067,
            Cannot
                + "The resource URI and __cimnamespace selector attempted to use different namespaces. Try removing the "
                + "__cimnamespace selector or using a DMTF resource URI. If a non-DMTF resource URI is used with a "
                + "__cimnamespace selector, the namespaces must match. "
        );

    internal static WsManFault InsufficientSelectors() =>
        Own(
            "s:Sender",
            "w:InvalidSelectors",
            2150858842,
            "The WS-Management service cannot process the request because the request did not contain all required "
                + "selectors. "
        ) with
        {
            Detail = "InsufficientSelectors",
        };

    internal static WsManFault UnexpectedSelectors() =>
        Own(
            "s:Sender",
            "w:InvalidSelectors",
            2150858843,
            "The WS-Management service cannot process the request because the request contained invalid selectors for "
                + "the resource. "
        ) with
        {
            Detail = "UnexpectedSelectors",
        };

    /// <summary>
    /// A method of a management service without selectors: measured, WBEM_E_INVALID_METHOD_PARAMETERS (r4sd).
    /// </summary>
    internal static WsManFault MethodNeedsSelectors(string className, string method) =>
        Own(
            "s:Receiver",
            "w:InternalError",
            0x8004102F,
            Cannot + "The WMI service or the WMI provider returned an unknown error: WBEM_E_INVALID_METHOD_PARAMETERS "
        ) with
        {
            Provider = new ProviderStatus("ExecMethod", $"{className}::{method}", "VmmsWmiInstanceAndMethodProvider"),
        };

    internal static WsManFault BadMethod(string className, string method) =>
        InvalidAction() with
        {
            Provider = new ProviderStatus("ExecMethod", $"{className}::{method}", "WinMgmt"),
        };

    private static WsManFault Own(string code, string subcode, uint number, string message) =>
        new(Uris.WsManFaultAction, code, subcode, number, message);

    private static WsManFault Resource(string message, ProviderStatus? provider) =>
        new(Uris.AddressingFaultAction, "s:Sender", "a:DestinationUnreachable", 2150858811, Cannot + message)
        {
            Detail = "InvalidResourceURI",
            Provider = provider,
        };
}
