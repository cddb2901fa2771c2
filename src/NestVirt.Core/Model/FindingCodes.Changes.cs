namespace NestVirt.Model;

/// <content>Changes.</content>
internal static partial class FindingCodes
{
    /// <summary>The module is none of KVM's.</summary>
    public const string ModuleNotKvm = "ModuleNotKvm";

    /// <summary>The module is for another vendor's processors.</summary>
    public const string ModuleForeign = "ModuleForeign";

    /// <summary>The kernel of the host has no such module.</summary>
    public const string ModuleMissing = "ModuleMissing";

    /// <summary>The module has no such parameter.</summary>
    public const string ParameterUnknown = "ParameterUnknown";

    /// <summary>What was given is no name of a parameter.</summary>
    public const string ParameterInvalid = "ParameterInvalid";

    /// <summary>A parameter was given twice.</summary>
    public const string ParameterTwice = "ParameterTwice";

    /// <summary>The kernel was given the parameter at boot, and shows another value.</summary>
    public const string ParameterNotTaken = "ParameterNotTaken";

    /// <summary>The module does not take the value.</summary>
    public const string ValueInvalid = "ValueInvalid";

    /// <summary>The processor lacks the feature that the parameter turns on.</summary>
    public const string FeatureMissing = "FeatureMissing";

    /// <summary>A parameter asks for the opposite of the request.</summary>
    public const string NestingContradicted = "NestingContradicted";

    /// <summary>Which module decides on nesting could not be told.</summary>
    public const string NestingNotPossible = "NestingNotPossible";

    /// <summary>The kernel command line sets the parameter, and wins over modprobe's files.</summary>
    public const string CommandLineOverrides = "CommandLineOverrides";

    /// <summary>Another file sets the same, and ours overrides it.</summary>
    public const string LineOverridden = "LineOverridden";

    /// <summary>Another file sets the same, and would win.</summary>
    public const string LineWins = "LineWins";

    /// <summary>Another file sets the same at boot.</summary>
    public const string LineConflicts = "LineConflicts";

    /// <summary>The module cannot be loaded again now, so the setting waits.</summary>
    public const string ReloadBlocked = "ReloadBlocked";

    /// <summary>The module runs with a setting that was taken back, until it is loaded again.</summary>
    public const string ReloadPending = "ReloadPending";

    /// <summary>Guests that run keep what they were started with.</summary>
    public const string GuestsKeepNesting = "GuestsKeepNesting";

    /// <summary>The host runs with a change that was taken back, until it is restarted.</summary>
    public const string RestartPending = "RestartPending";

    /// <summary>The host is restarted after the change.</summary>
    public const string HostRestarts = "HostRestarts";

    /// <summary>The kernel has no huge pages.</summary>
    public const string HugePagesMissing = "HugePagesMissing";

    /// <summary>The kernel has no huge pages of that size.</summary>
    public const string HugePageSizeUnknown = "HugePageSizeUnknown";

    /// <summary>The number of huge pages cannot be that.</summary>
    public const string HugePageCountInvalid = "HugePageCountInvalid";

    /// <summary>More huge pages are in use than would be left.</summary>
    public const string HugePagesInUse = "HugePagesInUse";

    /// <summary>There are fewer huge pages than the boot was to make.</summary>
    public const string HugePagesFewer = "HugePagesFewer";

    /// <summary>The host has too little memory for the huge pages.</summary>
    public const string MemoryTooLittle = "MemoryTooLittle";

    /// <summary>The host has no NUMA node of that number.</summary>
    public const string NodeUnknown = "NodeUnknown";

    /// <summary>Huge pages of this size may not all be had at boot.</summary>
    public const string AllocatedAtRunTime = "AllocatedAtRunTime";

    /// <summary>After the change a setting is not as wanted.</summary>
    public const string NotInEffect = "NotInEffect";

    /// <summary>A change of the host was interrupted in the middle.</summary>
    public const string ChangeInterrupted = "ChangeInterrupted";

    /// <summary>A file that is replaced has other names, which keep the old text.</summary>
    public const string FileHasOtherNames = "FileHasOtherNames";

    /// <summary>A change of the plan was left out.</summary>
    public const string ChangeLeftOut = "ChangeLeftOut";

    /// <summary>A setting was as before the change already, and was left alone.</summary>
    public const string AsBeforeAlready = "AsBeforeAlready";

    /// <summary>Later changes of the same are taken back first.</summary>
    public const string LaterChangeUndone = "LaterChangeUndone";

    /// <summary>A later change may be of the same, and its plan cannot be read.</summary>
    public const string LaterChangeUnreadable = "LaterChangeUnreadable";

    /// <summary>A program that was run for the change warned.</summary>
    public const string StepWarning = "StepWarning";
}
