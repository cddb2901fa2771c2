namespace NestVirt.Model;

/// <content>Kernel parameters and booting.</content>
internal static partial class FindingCodes
{
    /// <summary>The kernel command line waits for the next boot.</summary>
    public const string KernelParameterPending = "KernelParameterPending";

    /// <summary>A word cannot be written so that every boot loader takes it as it is.</summary>
    public const string KernelParameterInvalid = "KernelParameterInvalid";

    /// <summary>A word decides on whether the host boots.</summary>
    public const string KernelParameterBoots = "KernelParameterBoots";

    /// <summary>No word was given to set or to remove.</summary>
    public const string KernelParameterMissing = "KernelParameterMissing";

    /// <summary>Another file gives kernel parameters later, and would win.</summary>
    public const string KernelParameterConflict = "KernelParameterConflict";

    /// <summary>A kernel parameter decides, and not one that can be set from here.</summary>
    public const string KernelParameterNeeded = "KernelParameterNeeded";

    /// <summary>The boot entries take the command line from GRUB's environment, which cannot be used.</summary>
    public const string KernelOptionsUnknown = "KernelOptionsUnknown";

    /// <summary>GRUB's default file does not close a quote.</summary>
    public const string GrubDefaultBroken = "GrubDefaultBroken";

    /// <summary>How the host boots could not be told.</summary>
    public const string BootLoaderUnknown = "BootLoaderUnknown";

    /// <summary>GRUB's files are there, and GRUB did not start this boot.</summary>
    public const string BootLoaderUncertain = "BootLoaderUncertain";

    /// <summary>A word of the kernel's command line is misspelt, and does nothing.</summary>
    public const string KernelWordMisspelt = "KernelWordMisspelt";

    /// <summary>A file has words for the kernel that the next boot will not have.</summary>
    public const string BootSettingUnused = "BootSettingUnused";

    /// <summary>What the boot loader will do cannot be read.</summary>
    public const string NextBootUnknown = "NextBootUnknown";

    /// <summary>The initramfs holds a copy of an edited file, so it is built again.</summary>
    public const string InitramfsRebuilt = "InitramfsRebuilt";

    /// <summary>The initramfs holds an old copy, and nothing here can build it.</summary>
    public const string InitramfsStale = "InitramfsStale";

    /// <summary>The initramfs loads the module with another value, which wins.</summary>
    public const string InitramfsWins = "InitramfsWins";

    /// <summary>The initramfs loads the module without modprobe's files.</summary>
    public const string InitramfsWithoutOptions = "InitramfsWithoutOptions";

    /// <summary>A driver in the initramfs may have the device first.</summary>
    public const string InitramfsDriverFirst = "InitramfsDriverFirst";
}
