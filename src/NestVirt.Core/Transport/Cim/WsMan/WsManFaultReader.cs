using System.Globalization;
using NestVirt.Text;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Reads faults: those of SOAP, with what Windows (MS-WSMV, WSManFault) and servers of CIM (DSP0227) put into them.</summary>
internal static class WsManFaultReader
{
    private const int ShownLength = 1000;

    /// <summary>Reads a fault.</summary>
    /// <param name="fault">The element.</param>
    /// <returns>What it says.</returns>
    internal static WsManFault Read(WsManElement fault)
    {
        WsManElement? code = fault.Child("Code");
        string subcode = (code?.Child("Subcode") ?? code)?.Child("Value")?.Text.Trim() ?? string.Empty;
        List<WsManElement> detail = [.. fault.Child("Detail")?.Descendants() ?? []];
        return new WsManFault(
            subcode[(subcode.LastIndexOf(':') + 1)..],
            [.. detail.Select(CodeOf).OfType<uint>().Distinct()],
            Number(detail.Find(static element => element.Name == "CIMStatusCode")?.Text),
            HostText.ForDisplay(TextOf(fault, detail), ShownLength)
        );
    }

    // What WMI says tells more than what WS-Management says around it, and what a part of Windows says more than both.
    private static string TextOf(WsManElement fault, List<WsManElement> detail) =>
        Last(detail, "Description")
        ?? Last(detail, "Message")
        ?? Last(detail, "ProviderFault")
        ?? Last(detail, "error_WindowsErrorMessage")
        ?? Last([.. fault.Child("Reason")?.Children ?? []], "Text")
        ?? string.Empty;

    private static string? Last(List<WsManElement> elements, string name) =>
        elements.FindLast(element => element.Name == name && !string.IsNullOrWhiteSpace(element.Text)) is { } found
            ? string.Join(' ', found.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.')
            : null;

    private static uint? CodeOf(WsManElement element) =>
        element.Name switch
        {
            "WSManFault" => Number(element.Attribute("Code")),
            "StatusCode" or "error_Code" => Number(element.Text),
            _ => null,
        };

    private static uint? Number(string? text) =>
        uint.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            ? number
            : null;
}
