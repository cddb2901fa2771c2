using System.Globalization;
using NestVirt.HyperV.Machine;
using NestVirt.Text;
using NestVirt.Transport.Cim;

namespace NestVirt.HyperV.Worker;

/// <summary>How long a host is waited for while it is changed.</summary>
internal sealed record ChangePace
{
    /// <summary>Gets the time between two looks at a job, or at a virtual machine that shuts down.</summary>
    internal TimeSpan Between { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Gets how long a job may take.</summary>
    internal TimeSpan Job { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets how long something that was cut off may go on at the host.</summary>
    internal TimeSpan Settling { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets how long Plug and Play may take to show a device where it was moved, after that is done.</summary>
    internal TimeSpan Arrival { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how often a host that does not answer is asked again for how it stands.</summary>
    internal int Attempts { get; init; } = 4;

    /// <summary>Gets the time between two such attempts.</summary>
    internal TimeSpan BetweenAttempts { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>How a call of a method ended.</summary>
internal enum CallEnd
{
    /// <summary>The host says that it did it.</summary>
    Done,

    /// <summary>The host says that it did not do it.</summary>
    Refused,

    /// <summary>It was cut off, or the job vanished: only a look at the host tells.</summary>
    Unknown,
}

/// <summary>What became of a call.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Text">What the host says of it: why not, or what it warns of; null for nothing.</param>
internal sealed record CallResult(CallEnd End, string? Text = null)
{
    /// <summary>Gets the error behind it, or null.</summary>
    internal NestVirtException? Error { get; init; }

    /// <summary>Gets a value indicating whether its answer was lost, so that it may still do something at the next boot of the host.</summary>
    internal bool IsLost { get; init; }

    /// <summary>Gets the out-parameters of what was done at once; null for a job, and where nothing was done.</summary>
    internal CimInstance? Output { get; init; }
}

/// <summary>Calls methods of Hyper-V and follows the jobs that they begin.</summary>
/// <param name="session">The way to the host.</param>
/// <param name="pace">How long is waited.</param>
/// <remarks>Jobs: Msvm_ConcreteJob and CIM_ConcreteJob (win32 docs), and what openstack/os-win and r4sd/go-wsman take for success.</remarks>
internal sealed class CimCalls(ICimSession session, ChangePace pace)
{
    private const int ShownLength = 500;
    private const uint Timeout = 3;
    private const uint JobStarted = 4096;
    private const uint TimeoutOfHyperV = 32772;
    private const ulong FirstEnd = 7;
    private const ulong Completed = 7;
    private const ulong CompletedWithWarnings = 32768;

    /// <summary>Gets what says how far it is.</summary>
    internal HostActivity Activity { get; } = new();

    /// <summary>Calls a method, once, and waits for the end of what it begins.</summary>
    /// <param name="path">The instance.</param>
    /// <param name="method">The method.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>What became of it.</returns>
    internal async Task<CallResult> CallAsync(CimPath path, string method, params IReadOnlyList<CimArgument> arguments)
    {
        CimMethodResult result;
        try
        {
            result = await session.InvokeAsync(path, method, arguments, CancellationToken.None).ConfigureAwait(false);
        }
        catch (NestVirtException error)
        {
            // A host that does not let the account, or does not have it, did nothing; one that fails may have begun.
            bool isRefusal =
                error is CimFaultException
                {
                    Kind: NestVirtErrorKind.HostPermissionDenied or NestVirtErrorKind.FeatureNotSupported,
                };
            return new CallResult(isRefusal ? CallEnd.Refused : CallEnd.Unknown, error.Message) { Error = error };
        }

        return result.ReturnValue switch
        {
            0 => new CallResult(CallEnd.Done) { Output = result.Output },
            JobStarted when JobOf(result) is { } job => await FollowAsync(job).ConfigureAwait(false),
            JobStarted => new CallResult(CallEnd.Unknown, "Hyper-V began a job, and does not say which."),
            var code => new CallResult(
                code is Timeout or TimeoutOfHyperV ? CallEnd.Unknown : CallEnd.Refused,
                HyperVFailure.Returned(path, method, code)
            ),
        };
    }

    /// <summary>Waits between two looks.</summary>
    /// <returns>When the time is over.</returns>
    internal Task PauseAsync() => Task.Delay(pace.Between);

    // The namespace is that of the call where the answer names none.
    private static CimPath? JobOf(CimMethodResult result)
    {
        try
        {
            return result.Output.Reference("Job");
        }
        catch (CimFormatException)
        {
            return null;
        }
    }

    private async Task<CallResult> FollowAsync(CimPath path)
    {
        long began = TimeProvider.System.GetTimestamp();
        int silences = 0;
        while (true)
        {
            try
            {
                CimInstance? job = await session.GetAsync(path, CancellationToken.None).ConfigureAwait(false);
                if (job is null)
                {
                    return new CallResult(CallEnd.Unknown, "The job of Hyper-V was gone before it was seen to end.");
                }

                if (job.Number("JobState") is >= FirstEnd and { } state)
                {
                    return await EndOfAsync(path, job, state).ConfigureAwait(false);
                }

                silences = 0;
                Activity.Say(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"a job of Hyper-V, {Math.Min(job.Number("PercentComplete") ?? 0, 100)} %"
                    )
                );
                if (TimeProvider.System.GetElapsedTime(began) > pace.Job)
                {
                    return new CallResult(CallEnd.Unknown, StillRuns(job));
                }

                await PauseAsync().ConfigureAwait(false);
            }
            catch (NestVirtException error)
            {
                if (++silences >= pace.Attempts)
                {
                    return new CallResult(CallEnd.Unknown, error.Message) { Error = error };
                }

                await Task.Delay(pace.BetweenAttempts).ConfigureAwait(false);
            }
        }
    }

    private string StillRuns(CimInstance job) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"The job of Hyper-V has not ended within {pace.Job.TotalMinutes:0.#} min; it says {job.Number("PercentComplete") ?? 0} %."
        );

    private async Task<CallResult> EndOfAsync(CimPath path, CimInstance job, ulong state)
    {
        ulong code = job.Number("ErrorCode") ?? 0;
        bool isDone = state is Completed or CompletedWithWarnings && code == 0;
        if (isDone && state == Completed)
        {
            return new CallResult(CallEnd.Done);
        }

        string? text = await ErrorsOfAsync(path).ConfigureAwait(false) ?? Described(job);
        return isDone
            ? new CallResult(CallEnd.Done, text ?? "The job of Hyper-V ended with warnings that it does not name.")
            : new CallResult(
                CallEnd.Refused,
                $"{text ?? "Hyper-V says no more."} {string.Create(CultureInfo.InvariantCulture, $"(job state {state}, error {code})")}"
            );
    }

    private static string? Described(CimInstance job) =>
        new[] { job.Text("ErrorDescription"), job.Text("ErrorSummaryDescription") }
            .Where(static text => !string.IsNullOrWhiteSpace(text))
            .Select(static text => HostText.ForDisplay(text, ShownLength))
            .FirstOrDefault();

    // The texts of instances of Msvm_Error.
    private async Task<string?> ErrorsOfAsync(CimPath path)
    {
        try
        {
            CimMethodResult result = await session
                .InvokeAsync(path, "GetErrorEx", [], CancellationToken.None)
                .ConfigureAwait(false);
            string[] messages =
            [
                .. result
                    .Output.Texts("Errors")
                    .SelectMany(static text => CimXmlReader.Read(text, WmiNamespaces.Virtualization))
                    .Select(static error => error.Text("Message")?.Trim())
                    .OfType<string>()
                    .Where(static message => message.Length > 0)
                    .Distinct(StringComparer.Ordinal),
            ];
            return messages.Length == 0 ? null : HostText.ForDisplay(string.Join(' ', messages), ShownLength);
        }
        catch (NestVirtException)
        {
            // The job says it in fewer words.
            return null;
        }
    }
}
