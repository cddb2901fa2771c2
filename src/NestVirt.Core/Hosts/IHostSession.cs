namespace NestVirt.Hosts;

/// <summary>A log-in to a host that lasts.</summary>
internal interface IHostSession
{
    /// <summary>Ends it, and says why to whoever uses it next.</summary>
    /// <param name="reason">Why, as a sentence.</param>
    void Break(string reason);
}
