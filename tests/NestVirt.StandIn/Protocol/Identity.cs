using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Protocol;

/// <summary>Answers Identify (DSP0226 11): who the server is, told to strangers without the build.</summary>
internal static class Identity
{
    internal static string Write(HostFacts host, Variants variants, bool isAuthenticated)
    {
        string version = isAuthenticated ? host.Version : "0.0.0";
        (string open, string close) = variants.IdentifiesInSoapNamespace
            ? ("s:IdentifyResponse", "s:IdentifyResponse")
            : ($"wsmid:IdentifyResponse xmlns:wsmid=\"{Uris.Identity}\"", "wsmid:IdentifyResponse");
        string fields =
            $"<wsmid:ProtocolVersion>{Uris.WsMan}</wsmid:ProtocolVersion>"
            + $"<wsmid:ProductVendor>{XmlText.Escape(variants.Vendor)}</wsmid:ProductVendor>"
            + $"<wsmid:ProductVersion>OS: {version} SP: 0.0 Stack: 3.0</wsmid:ProductVersion>";
        return $"<s:Envelope xml:lang=\"{host.Language}\" xmlns:s=\"{Uris.Soap}\" xmlns:wsmid=\"{Uris.Identity}\">"
            + $"<s:Header/><s:Body><{open}>{fields}</{close}></s:Body></s:Envelope>";
    }
}
