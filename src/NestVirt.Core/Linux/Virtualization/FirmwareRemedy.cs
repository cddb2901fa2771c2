namespace NestVirt.Linux.Virtualization;

/// <summary>Says where a firmware's setup turns a virtualization extension on.</summary>
internal static class FirmwareRemedy
{
    /// <summary>Gets the way for an extension.</summary>
    /// <param name="extension">The extension, or null.</param>
    /// <returns>A sentence for the administrator.</returns>
    public static string For(string? extension) =>
        extension == "AMD-V"
            ? "Turn on SVM (also called AMD-V, or virtualization) in the firmware setup, and switch the machine off and on."
            : "Turn on Intel Virtualization Technology (VT-x, VMX) in the firmware setup, and switch the machine off and on.";
}
