namespace NestVirt.StandIn.Machine;

/// <summary>
/// Texts that follow the language of the host, in the two languages that were recorded or documented.
/// </summary>
/// <param name="HostCaption">The caption of the host among the computer systems.</param>
/// <param name="HostDescription">Its description.</param>
/// <param name="VMCaption">The caption of a VM; its description is English on the Japanese host as well.</param>
/// <param name="Operating">The status of a VM without a fault.</param>
public sealed record HostCaptions(string HostCaption, string HostDescription, string VMCaption, string Operating)
{
    private static readonly HostCaptions s_english = new(
        "Hosting Computer System",
        "Microsoft Hosting Computer System",
        "Virtual Machine",
        "Operating normally"
    );

    // Recorded on a Japanese host: r4sd/go-wsman, recorded_computersystem_pull_{host,vm_off}.xml.
    private static readonly HostCaptions s_japanese = new(
        "ホスト コンピューター システム",
        "Microsoft ホスト コンピューター システム",
        "仮想マシン",
        "正常稼働中"
    );

    /// <summary>Gets the texts of a language; English where it is another.</summary>
    public static HostCaptions For(string language) =>
        language.StartsWith("ja", StringComparison.OrdinalIgnoreCase) ? s_japanese : s_english;
}
