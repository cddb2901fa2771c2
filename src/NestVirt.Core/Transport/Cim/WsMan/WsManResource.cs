namespace NestVirt.Transport.Cim.WsMan;

/// <summary>What a message is about: a class, or all classes of a namespace.</summary>
/// <param name="Uri">The name of it.</param>
/// <param name="Namespace">The namespace, where it goes as a selector beside the name; null where the name holds it.</param>
internal sealed record WsManResource(string Uri, string? Namespace)
{
    private const string Windows = "http://schemas.microsoft.com/wbem/wsman/1/wmi/";
    private const string Dmtf = "http://schemas.dmtf.org/wbem/wscim/1/";
    private const string DmtfClass = Dmtf + "cim-schema/2/";

    /// <summary>Names a class.</summary>
    /// <param name="form">The way to name it.</param>
    /// <param name="namespace">The namespace, with slashes or backslashes.</param>
    /// <param name="className">The class.</param>
    /// <returns>The resource.</returns>
    internal static WsManResource Of(WsManForm form, string @namespace, string className) =>
        form == WsManForm.Windows
            ? new WsManResource($"{Windows}{Slashes(@namespace)}/{className}", null)
            : new WsManResource(DmtfClass + className, Slashes(@namespace));

    /// <summary>Names all classes of a namespace, which is what a query goes to: with the name of a class it is refused.</summary>
    /// <param name="form">The way to name them.</param>
    /// <param name="namespace">The namespace, with slashes or backslashes.</param>
    /// <returns>The resource.</returns>
    internal static WsManResource All(WsManForm form, string @namespace) =>
        form == WsManForm.Windows
            ? new WsManResource($"{Windows}{Slashes(@namespace)}/*", null)
            : new WsManResource(Dmtf + "*", Slashes(@namespace));

    /// <summary>Reads a name, of either form.</summary>
    /// <param name="uri">The name, as references in answers have it.</param>
    /// <returns>The namespace, or null where the name holds none, and the class.</returns>
    internal static (string? Namespace, string ClassName) Parse(string uri)
    {
        ReadOnlySpan<char> text = uri.AsSpan().Trim();
        int slash = text.LastIndexOf('/');
        string className = text[(slash + 1)..].ToString();
        return slash > Windows.Length && text.StartsWith(Windows, StringComparison.OrdinalIgnoreCase)
            ? (text[Windows.Length..slash].ToString(), className)
            : (null, className);
    }

    private static string Slashes(string @namespace) => @namespace.Replace('\\', '/').Trim('/');
}
