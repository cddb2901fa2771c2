namespace NestVirt.Model;

/// <content>Configuration of modules.</content>
internal static partial class FindingCodes
{
    /// <summary>Options are given for the KVM module of another processor vendor.</summary>
    public const string ModuleOtherVendor = "ModuleOtherVendor";

    /// <summary>A parameter of a module is set twice, and the later value counts.</summary>
    public const string ModuleOptionOverridden = "ModuleOptionOverridden";

    /// <summary>A # in the middle of a line was meant as a comment and is handed to the module.</summary>
    public const string ModuleOptionComment = "ModuleOptionComment";

    /// <summary>Blanks stand around the = of an option, so that its value is not taken for one.</summary>
    public const string ModuleOptionBlank = "ModuleOptionBlank";

    /// <summary>Options stand in a file that modprobe does not read.</summary>
    public const string ModuleOptionMisplaced = "ModuleOptionMisplaced";

    /// <summary>A remove line runs a command in place of unloading the module.</summary>
    public const string ModuleRemoveReplaced = "ModuleRemoveReplaced";

    /// <summary>Lines of a file about KVM end in a carriage return.</summary>
    public const string ModprobeCarriageReturn = "ModprobeCarriageReturn";

    /// <summary>A line sets a parameter that the module of this kernel does not have.</summary>
    public const string ModuleParameterUnknown = "ModuleParameterUnknown";

    /// <summary>A parameter has a value that the kernel does not take, so the module is not loaded.</summary>
    public const string ModuleValueInvalid = "ModuleValueInvalid";

    /// <summary>The module is part of the kernel, which modprobe's files do not reach.</summary>
    public const string ModuleBuiltInIgnoresFiles = "ModuleBuiltInIgnoresFiles";

    /// <summary>An install line runs a command in place of loading the module.</summary>
    public const string ModuleInstallReplaced = "ModuleInstallReplaced";

    /// <summary>The module is blacklisted.</summary>
    public const string ModuleBlacklisted = "ModuleBlacklisted";

    /// <summary>A line names a module that does not exist.</summary>
    public const string ModuleNameUnknown = "ModuleNameUnknown";

    /// <summary>modprobe cannot read a line about KVM, and leaves it out.</summary>
    public const string ModprobeLineInvalid = "ModprobeLineInvalid";

    /// <summary>A file of the same name in an earlier directory hides the file.</summary>
    public const string ModprobeFileMasked = "ModprobeFileMasked";

    /// <summary>modprobe does not read a file, because its name does not end in .conf.</summary>
    public const string ModprobeFileIgnored = "ModprobeFileIgnored";

    /// <summary>The account that asked may not read all of modprobe's files.</summary>
    public const string ModprobeFileUnreadable = "ModprobeFileUnreadable";

    /// <summary>A file of settings is longer than what is read, or no regular file, and was left out.</summary>
    public const string FileLeftOut = "FileLeftOut";
}
