using System.Globalization;
using System.Management.Automation;
using NestVirt.Changes;
using NestVirt.Filters;
using NestVirt.Guidance;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.PowerShell.Errors;

/// <summary>Turns failures into error records. The only place that names error ids and categories.</summary>
internal static class ErrorRecords
{
    private const string UnexpectedErrorId = "HostQueryFailed";
    private const string ReadsNames =
        "Pipe a list of host names with Get-Content, a table of them with Import-Csv, and name an inventory with -InventoryPath.";
    private const string HostNameAmbiguous = "HostNameAmbiguous";

    /// <summary>Makes the record of a failure of one host.</summary>
    internal static ErrorRecord FromHost(Exception error, HostTarget target)
    {
        NestVirtException? known = error as NestVirtException;
        string sentence = HostText.ForDisplay(
            known?.Message ?? $"This is a bug in NestVirt: {error.GetType().Name}: {error.Message}"
        );
        return new ErrorRecord(error, IdOf(known), CategoryOf(known?.Kind), target)
        {
            ErrorDetails = new ErrorDetails($"{target.Name}: {sentence}")
            {
                RecommendedAction = known?.Remedy ?? AdviceOn(known?.Kind),
            },
        };
    }

    /// <summary>Makes the record of a word that names no host.</summary>
    internal static ErrorRecord FromHostWord(HostWordException error, string? word) =>
        new(error, error.Fault == HostWordFault.Several ? HostNameAmbiguous : IdOf(error), CategoryOf(error.Kind), word)
        {
            ErrorDetails = new ErrorDetails(HostText.ForDisplay(error.Message))
            {
                RecommendedAction = error.Remedy ?? AdviceOn(error.Fault),
            },
        };

    /// <summary>Makes the record of an object from the pipeline that names no host.</summary>
    internal static ErrorRecord InputNotHost(PSObject? item, string fault)
    {
        string sentence = HostText.ForDisplay($"'{item}' from the pipeline cannot be asked: {fault}.");
        return new ErrorRecord(
            new ArgumentException(sentence),
            nameof(InputNotHost),
            ErrorCategory.InvalidArgument,
            item
        )
        {
            ErrorDetails = new ErrorDetails(sentence)
            {
                RecommendedAction =
                    "Pipe host names, objects of this module, or objects with HostName and, where needed, UserName, Port and KeyFilePath.",
            },
        };
    }

    /// <summary>Makes the record of an object from the pipeline that is no plan.</summary>
    internal static ErrorRecord InputNotPlan(PSObject item, string fault)
    {
        string sentence = HostText.ForDisplay($"'{item}' from the pipeline is not used: {fault}.");
        return new ErrorRecord(
            new ArgumentException(sentence),
            nameof(InputNotPlan),
            ErrorCategory.InvalidArgument,
            item
        )
        {
            ErrorDetails = new ErrorDetails(sentence)
            {
                RecommendedAction =
                    "Write plans to a file with Export-NestPlan in the session that made them, and name the file.",
            },
        };
    }

    /// <summary>Makes the record of a name, a number or an address that no host has.</summary>
    internal static ErrorRecord ValueNotFound(MissingValue missing) =>
        new(
            new ItemNotFoundException(
                $"No host that answered has {missing.What} '{HostText.ForDisplay(missing.Value)}'."
            ),
            nameof(ValueNotFound),
            ErrorCategory.ObjectNotFound,
            missing.Value
        )
        {
            ErrorDetails = new ErrorDetails(
                $"No host that answered has {missing.What} '{HostText.ForDisplay(missing.Value)}'."
            )
            {
                RecommendedAction = missing.Remedy,
            },
        };

    /// <summary>Makes the record of a name or a number that no session has.</summary>
    internal static ErrorRecord SessionNotFound(object wanted) =>
        new(
            new ItemNotFoundException(
                $"There is no session '{HostText.ForDisplay(wanted.ToString() ?? string.Empty)}'."
            ),
            nameof(SessionNotFound),
            ErrorCategory.ObjectNotFound,
            wanted
        )
        {
            ErrorDetails = new ErrorDetails(
                $"There is no session '{HostText.ForDisplay(wanted.ToString() ?? string.Empty)}'."
            )
            {
                RecommendedAction = "Get-NestSession lists those that are there.",
            },
        };

    /// <summary>Makes the record of an array of targets that is empty.</summary>
    internal static ErrorRecord TargetsEmpty() =>
        new(
            new ArgumentException("-Target, -Session or -CimSession holds no host."),
            nameof(TargetsEmpty),
            ErrorCategory.ObjectNotFound,
            targetObject: null
        );

    /// <summary>Makes the record of a comparison with nothing, or with several things.</summary>
    internal static ErrorRecord ReferenceNotOne() =>
        new(
            new ArgumentException(
                "Name what to compare with, by one of -ReferencePath, -ReferenceHostName and -ReferenceTarget."
            ),
            nameof(ReferenceNotOne),
            ErrorCategory.InvalidArgument,
            targetObject: null
        );

    /// <summary>Makes the record of a path that names no file.</summary>
    internal static ErrorRecord SourceNotFound(string path, Exception? cause = null) =>
        new(
            cause ?? new FileNotFoundException($"There is no snapshot '{HostText.ForDisplay(path)}'.", path),
            nameof(NestVirtErrorKind.SourceNotFound),
            ErrorCategory.ObjectNotFound,
            path
        )
        {
            ErrorDetails = cause is null ? null : new ErrorDetails(HostText.ForDisplay(cause.Message)),
        };

    /// <summary>Makes the record of a path on something that is no file system, such as the registry.</summary>
    internal static ErrorRecord PathNotFileSystem(string path) =>
        new(
            new ArgumentException($"'{HostText.ForDisplay(path)}' is not a path of a file system."),
            nameof(PathNotFileSystem),
            ErrorCategory.InvalidArgument,
            path
        );

    /// <summary>Makes the record of a key file that is not there.</summary>
    internal static ErrorRecord KeyFileNotFound(string path) =>
        new(
            new FileNotFoundException($"There is no key file '{HostText.ForDisplay(path)}'.", path),
            nameof(KeyFileNotFound),
            ErrorCategory.ObjectNotFound,
            path
        );

    /// <summary>Makes the record of a file of hosts that cannot be used.</summary>
    internal static ErrorRecord InventoryNotRead(NestVirtException error, string path) =>
        new(error, error.Kind.ToString(), CategoryOf(error.Kind), path)
        {
            ErrorDetails = new ErrorDetails(HostText.ForDisplay(error.Message))
            {
                RecommendedAction =
                    error.Remedy
                    ?? (
                        error.Kind == NestVirtErrorKind.InventoryInvalid
                            ? "about_NestVirtHosts shows what an inventory looks like."
                            : null
                    ),
            },
        };

    /// <summary>Makes the record of an ssh option that ssh could not take as one.</summary>
    internal static ErrorRecord OptionInvalid(string key) =>
        new(
            new ArgumentException(
                $"'{HostText.ForDisplay(key)}' is not an ssh option: a name of letters, and a value of one line."
            ),
            nameof(OptionInvalid),
            ErrorCategory.InvalidArgument,
            key
        );

    /// <summary>Makes the record of a file that may not be replaced.</summary>
    internal static ErrorRecord FileExists(string path, string advice) =>
        new(
            new IOException($"The file '{HostText.ForDisplay(path)}' exists already."),
            nameof(FileExists),
            ErrorCategory.ResourceExists,
            path
        )
        {
            ErrorDetails = new ErrorDetails($"The file '{HostText.ForDisplay(path)}' exists already.")
            {
                RecommendedAction = advice,
            },
        };

    /// <summary>Makes the record of a second snapshot for a path that names one file.</summary>
    internal static ErrorRecord PathNotDirectory(string path, HostTarget target) =>
        new(
            new ArgumentException(
                $"'{HostText.ForDisplay(path)}' is one file, and holds the snapshot of another host already."
            ),
            nameof(PathNotDirectory),
            ErrorCategory.InvalidArgument,
            target
        )
        {
            ErrorDetails = new ErrorDetails(
                $"{target.Name}: '{HostText.ForDisplay(path)}' is one file, and holds the snapshot of another host already."
            )
            {
                RecommendedAction = "Name a directory, and each host gets a file of its own.",
            },
        };

    /// <summary>Makes the record of a file that could not be written.</summary>
    internal static ErrorRecord WriteFailed(Exception error, string path, string id) =>
        new(error, id, ErrorCategory.WriteError, path)
        {
            ErrorDetails = new ErrorDetails(HostText.ForDisplay(error.Message)),
        };

    /// <summary>Makes the record of a host that is a file or a directory; null for those that a parameter names.</summary>
    internal static ErrorRecord HostRecorded(HostTarget? target)
    {
        string sentence =
            $"{(target is null ? string.Empty : $"{target.Name}: ")}A recorded host can be read and planned over, not changed.";
        return new ErrorRecord(
            new InvalidOperationException(sentence),
            nameof(HostRecorded),
            ErrorCategory.InvalidOperation,
            target
        )
        {
            ErrorDetails = new ErrorDetails(sentence)
            {
                RecommendedAction = "Add -WhatIf to plan over it, or name a live host.",
            },
        };
    }

    /// <summary>Makes the record of a plan that was made over a recorded host, and that no live one is named for.</summary>
    internal static ErrorRecord PlanRecorded(ChangePlan plan)
    {
        string sentence = $"{plan.HostName}: The plan was made over a recorded host.";
        return new ErrorRecord(
            new InvalidOperationException(sentence),
            nameof(HostRecorded),
            ErrorCategory.InvalidOperation,
            plan.Target
        )
        {
            ErrorDetails = new ErrorDetails(sentence)
            {
                RecommendedAction =
                    "Name the live host to apply it to with -HostName, or with -ComputerName where it is one with Hyper-V.",
            },
        };
    }

    /// <summary>Makes the record of a change that was made and does not show.</summary>
    internal static ErrorRecord NotInEffect(ChangeResult result)
    {
        string[] reasons =
        [
            .. result
                .Findings.Where(static finding => finding.Severity == Severity.Error)
                .Select(static finding => finding.Message),
        ];
        string sentence = HostText.ForDisplay(
            $"{result.HostName}: {string.Join(' ', reasons.DefaultIfEmpty("What was asked for is not in effect."))}"
        );
        return new ErrorRecord(
            new InvalidOperationException(sentence),
            nameof(NotInEffect),
            ErrorCategory.InvalidResult,
            result.Target
        )
        {
            ErrorDetails = new ErrorDetails(sentence) { RecommendedAction = $"To take it back: {UndoOf(result)}." },
        };
    }

    private static string? UndoOf(ChangeResult result) =>
        FrontEnd.Words.Write(
            new CommandCall(
                OwnCommand.Undo,
                result.Id is { } id ? [(CommandArgument.ChangeId, id.ToString(CultureInfo.InvariantCulture))] : []
            )
            {
                Host = result.Target.CommandWord,
            }
        );

    /// <summary>Makes the record of a question that nobody can be asked.</summary>
    internal static ErrorRecord ConfirmationNotPossible(Exception error, HostTarget target, string question)
    {
        string sentence = $"{target.Name}: Nobody can be asked here: {question} Nothing was done.";
        return new ErrorRecord(error, nameof(ConfirmationNotPossible), ErrorCategory.InvalidOperation, target)
        {
            ErrorDetails = new ErrorDetails(sentence)
            {
                RecommendedAction = "Look at it with -WhatIf, then repeat with -Confirm:$false.",
            },
        };
    }

    /// <summary>Makes the record of arguments that ask for nothing, or for what excludes itself.</summary>
    internal static ErrorRecord RequestInvalid(string sentence) =>
        new(new ArgumentException(sentence), nameof(RequestInvalid), ErrorCategory.InvalidArgument, targetObject: null);

    /// <summary>Makes the record of arguments that no host can take, or that contradict one another.</summary>
    internal static ErrorRecord RequestInvalid(Finding fault) =>
        new(
            new ArgumentException(fault.Message),
            nameof(RequestInvalid),
            ErrorCategory.InvalidArgument,
            targetObject: null
        )
        {
            ErrorDetails = new ErrorDetails(HostText.ForDisplay(fault.Message)) { RecommendedAction = fault.Remedy },
        };

    /// <summary>Makes the record of a parameter of a module that has no single value.</summary>
    internal static ErrorRecord ModuleParameterInvalid(string name) =>
        new(
            new ArgumentException(
                $"'{HostText.ForDisplay(name)}' of -Parameter has no value: give a switch, a number or a word."
            ),
            nameof(ModuleParameterInvalid),
            ErrorCategory.InvalidArgument,
            name
        );

    /// <summary>Makes the record of a plan file that cannot be used.</summary>
    internal static ErrorRecord PlanNotRead(Exception error, string path) =>
        error is NestVirtException known
            ? new ErrorRecord(error, known.Kind.ToString(), CategoryOf(known.Kind), path)
            {
                ErrorDetails = new ErrorDetails(HostText.ForDisplay(known.Message))
                {
                    RecommendedAction = known.Remedy,
                },
            }
            : new ErrorRecord(
                error,
                "PlanNotRead",
                error is FileNotFoundException or DirectoryNotFoundException or ItemNotFoundException
                    ? ErrorCategory.ObjectNotFound
                    : ErrorCategory.ReadError,
                path
            )
            {
                ErrorDetails = new ErrorDetails(HostText.ForDisplay(error.Message)),
            };

    private static string? AdviceOn(NestVirtErrorKind? kind) =>
        kind switch
        {
            NestVirtErrorKind.SnapshotInvalid => ReadsNames,
            NestVirtErrorKind.SessionBroken or NestVirtErrorKind.SessionTimedOut or NestVirtErrorKind.SessionClosed =>
                "Open a new one with New-NestSession, or name the host with -HostName.",
            _ => null,
        };

    private static string AdviceOn(HostWordFault fault) =>
        fault switch
        {
            HostWordFault.File => "A recorded host is named by -SnapshotPath, a file of hosts by -InventoryPath.",
            HostWordFault.HyperV => "Name a Hyper-V host by -ComputerName as host or host:port.",
            HostWordFault.NoInventory => "Name the file of hosts with -InventoryPath.",
            HostWordFault.NoHostsInInventory => "about_NestVirtHosts shows what an inventory looks like.",
            HostWordFault.Several => "Name one host.",
            _ => "Name a host as [user@]host[:port].",
        };

    private static string IdOf(NestVirtException? known) => known?.Kind.ToString() ?? UnexpectedErrorId;

    private static ErrorCategory CategoryOf(NestVirtErrorKind? kind) =>
        kind switch
        {
            NestVirtErrorKind.HostUnreachable => ErrorCategory.ConnectionError,
            NestVirtErrorKind.HostConnectionLost => ErrorCategory.ConnectionError,
            NestVirtErrorKind.HostAuthenticationFailed => ErrorCategory.AuthenticationError,
            NestVirtErrorKind.HostKeyMismatch => ErrorCategory.SecurityError,
            NestVirtErrorKind.HostKeyUnknown => ErrorCategory.SecurityError,
            NestVirtErrorKind.HostCertificateUntrusted => ErrorCategory.SecurityError,
            NestVirtErrorKind.HostTimeout => ErrorCategory.OperationTimeout,
            NestVirtErrorKind.HostShellInvalid => ErrorCategory.ProtocolError,
            NestVirtErrorKind.HostPermissionDenied => ErrorCategory.PermissionDenied,
            NestVirtErrorKind.ProbeOutputInvalid => ErrorCategory.ParserError,
            NestVirtErrorKind.SnapshotInvalid => ErrorCategory.InvalidData,
            NestVirtErrorKind.InventoryInvalid => ErrorCategory.InvalidData,
            NestVirtErrorKind.InventoryEmpty => ErrorCategory.ObjectNotFound,
            NestVirtErrorKind.InventoryNameNotFound => ErrorCategory.ObjectNotFound,
            NestVirtErrorKind.HostNameInvalid or NestVirtErrorKind.SshOptionInvalid => ErrorCategory.InvalidArgument,
            NestVirtErrorKind.SourceNotFound => ErrorCategory.ObjectNotFound,
            NestVirtErrorKind.ToolNotFound => ErrorCategory.NotInstalled,
            NestVirtErrorKind.FeatureNotSupported => ErrorCategory.NotImplemented,
            NestVirtErrorKind.ChangeRefused => ErrorCategory.InvalidOperation,
            NestVirtErrorKind.HostChanged => ErrorCategory.InvalidResult,
            NestVirtErrorKind.HostLocked => ErrorCategory.ResourceBusy,
            NestVirtErrorKind.ChangeFailed => ErrorCategory.WriteError,
            NestVirtErrorKind.ChangeIncomplete => ErrorCategory.WriteError,
            NestVirtErrorKind.PlanInvalid => ErrorCategory.InvalidData,
            NestVirtErrorKind.ChangeNotFound => ErrorCategory.ObjectNotFound,
            NestVirtErrorKind.SessionBroken => ErrorCategory.ConnectionError,
            NestVirtErrorKind.SessionTimedOut => ErrorCategory.OperationTimeout,
            NestVirtErrorKind.SessionClosed => ErrorCategory.ResourceUnavailable,
            _ => ErrorCategory.NotSpecified,
        };
}
