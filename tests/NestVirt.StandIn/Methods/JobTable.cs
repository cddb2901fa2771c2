using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Methods;

/// <summary>The jobs of a host, and how methods behave that may start one.</summary>
/// <param name="class">The class of a job.</param>
public sealed class JobTable(CimClass @class)
{
    private readonly List<Job> _jobs = [];

    /// <summary>Gets or sets whether methods answer at once, with 0 or with the code of their failure.</summary>
    public bool IsSynchronous { get; set; }

    /// <summary>Gets or sets how often a job is read until it has ended.</summary>
    public int ReadsUntilFinished { get; set; } = 2;

    /// <summary>Gets or sets after how many reads of its end a job is gone; null for the time alone.</summary>
    public int? VanishesAfterReads { get; set; }

    /// <summary>Gets or sets how long an ended job stays: five minutes by default (Msvm_ConcreteJob).</summary>
    public TimeSpan TimeBeforeRemoval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets the clock.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Gets what the next jobs end with instead of doing their work; null in it lets one through.</summary>
    public Queue<MethodFailure?> Forced { get; } = [];

    /// <summary>Gets or sets what jobs that do their work warn of; null for nothing.</summary>
    public string? Warning { get; set; }

    /// <summary>Gets or sets whether jobs that run do not go on.</summary>
    public bool IsStuck { get; set; }

    /// <summary>Gets or sets what happens whenever a job has done its work, as somebody else at the host would do it.</summary>
    public Action? AfterWork { get; set; }

    /// <summary>Gets all jobs that there are.</summary>
    public IReadOnlyList<Job> Jobs => _jobs;

    /// <summary>Forgets all jobs; those that have not ended never do their work.</summary>
    public void Clear() => _jobs.Clear();

    /// <summary>Ends all jobs: each does its work.</summary>
    public void Finish()
    {
        foreach (Job job in _jobs.Where(static job => !job.IsFinished))
        {
            job.Finish(Time);
        }
    }

    /// <summary>Runs work at once or as a job.</summary>
    /// <param name="caption">What is done.</param>
    /// <param name="type">JobType: 2 modifies a VM, 4 and others are not used here.</param>
    /// <param name="work">The work; null where it succeeded.</param>
    internal MethodResult Run(string caption, int type, Func<MethodFailure?> work)
    {
        Func<MethodFailure?> actual =
            Forced.TryDequeue(out MethodFailure? forced) && forced is not null ? () => forced : () => Do(work);
        if (IsSynchronous)
        {
            return new MethodResult(actual()?.Code ?? ReturnCodes.Completed);
        }

        var instance = new CimObject(@class)
        {
            ["Cancellable"] = false,
            ["Caption"] = caption,
            ["DeleteOnCompletion"] = false,
            ["ElementName"] = caption,
            ["InstanceID"] = Guid.NewGuid().ToString().ToUpperInvariant(),
            ["JobType"] = type,
            ["Name"] = "Msvm_ConcreteJob",
            ["StartTime"] = Time.GetUtcNow(),
            ["TimeBeforeRemoval"] = TimeBeforeRemoval,
        };
        var job = new Job(instance, actual, ReadsUntilFinished) { Warning = Warning };
        _jobs.Add(job);
        if (ReadsUntilFinished == 0)
        {
            job.Finish(Time);
        }

        return new MethodResult(ReturnCodes.JobStarted) { Job = instance };
    }

    private MethodFailure? Do(Func<MethodFailure?> work)
    {
        MethodFailure? failure = work();
        AfterWork?.Invoke();
        return failure;
    }

    /// <summary>Gets the instances; those that have been there long enough are gone.</summary>
    internal IEnumerable<CimObject> Instances()
    {
        _jobs.RemoveAll(job =>
            job.IsFinished
            && (job.ReadsSinceFinished >= VanishesAfterReads || Time.GetUtcNow() - job.FinishedAt > TimeBeforeRemoval)
        );
        return [.. _jobs.Select(static job => job.Instance)];
    }

    /// <summary>Lets a job go on, as one of its instances is about to be sent.</summary>
    internal void Reading(CimObject instance)
    {
        if (!IsStuck)
        {
            Find(instance)?.Advance(Time);
        }
    }

    internal Job? Find(CimObject instance) => _jobs.Find(job => ReferenceEquals(job.Instance, instance));
}
