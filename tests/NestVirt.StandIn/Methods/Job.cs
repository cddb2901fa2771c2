using System.Globalization;
using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Methods;

/// <summary>A job: it goes on with each read of it, and does its work when it ends.</summary>
public sealed class Job
{
    private readonly Func<MethodFailure?> _work;
    private readonly int _readsUntilFinished;
    private int _reads;

    internal Job(CimObject instance, Func<MethodFailure?> work, int readsUntilFinished)
    {
        Instance = instance;
        _work = work;
        _readsUntilFinished = readsUntilFinished;
        Instance["JobState"] = 3;
        Instance["PercentComplete"] = 0;
    }

    /// <summary>Gets the Msvm_ConcreteJob.</summary>
    public CimObject Instance { get; }

    /// <summary>Gets why it failed; null where it did not, or not yet.</summary>
    public MethodFailure? Failure { get; private set; }

    /// <summary>Gets what it warns of where it does its work; null for nothing.</summary>
    public string? Warning { get; init; }

    /// <summary>Gets whether it has ended.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Gets how often it was read since it ended.</summary>
    public int ReadsSinceFinished { get; private set; }

    /// <summary>Gets when it ended.</summary>
    public DateTimeOffset FinishedAt { get; private set; }

    internal void Advance(TimeProvider time)
    {
        if (IsFinished)
        {
            ReadsSinceFinished++;
            return;
        }

        _reads++;
        if (_reads < _readsUntilFinished)
        {
            Instance["JobState"] = 4;
            Instance["JobStatus"] = "Job is running";
            Instance["PercentComplete"] = _reads * 100 / _readsUntilFinished;
            return;
        }

        Finish(time);
    }

    internal void Finish(TimeProvider time)
    {
        Failure = _work();
        IsFinished = true;
        FinishedAt = time.GetUtcNow();
        // 7 is completed, 10 is an exception (CIM_ConcreteJob), 32768 completed with warnings (Msvm_ConcreteJob). A failed
        // job does not reach 100 percent: not recorded.
        Instance["JobState"] =
            Failure is not null ? 10
            : Warning is not null ? 32768
            : 7;
        Instance["JobStatus"] = Failure is null ? "Job is completed successfully" : "Job failed";
        Instance["PercentComplete"] = Failure is null ? 100 : 0;
        Instance["ErrorCode"] = Failure?.Code ?? 0;
        Instance["ErrorDescription"] = Failure?.Message ?? "";
        Instance["ErrorSummaryDescription"] = Failure?.Message ?? "";
        Instance["OperationalStatus"] = Failure is null ? new[] { 2, 17 } : [6, 16];
        Instance["Status"] = Failure is null ? "OK" : "Error";
        Instance["TimeOfLastStateChange"] = FinishedAt;
        Instance["Description"] = string.Create(
            CultureInfo.InvariantCulture,
            $"{Instance.Text("Caption")} ended with {Failure?.Code ?? 0}"
        );
    }
}
