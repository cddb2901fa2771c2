namespace NestVirt.Changes;

/// <summary>Asks somebody about changes; called on the thread that runs them.</summary>
public interface IConsent
{
    /// <summary>Asks about all plans that are ready and change something.</summary>
    /// <param name="changes">The changes, in the order in which their hosts were named.</param>
    /// <returns>Those that are agreed to, whole or in part; none when nobody agrees.</returns>
    IReadOnlyList<PreparedChange> Ask(IReadOnlyList<PreparedChange> changes);
}
