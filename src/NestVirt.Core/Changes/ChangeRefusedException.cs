using NestVirt.Model;

namespace NestVirt.Changes;

/// <summary>A change that would harm a host, or that the host cannot take.</summary>
public sealed class ChangeRefusedException : NestVirtException
{
    /// <summary>Initializes a new instance of the <see cref="ChangeRefusedException"/> class.</summary>
    /// <param name="reasons">Why; at least one.</param>
    public ChangeRefusedException(params IReadOnlyList<Finding> reasons)
        : base(NestVirtErrorKind.ChangeRefused, string.Join(' ', reasons.Select(Sentence)))
    {
        Reasons = reasons;
        Remedy = reasons.Select(static reason => reason.Remedy).FirstOrDefault(static remedy => remedy is not null);
    }

    /// <summary>Gets why, each with what proves it.</summary>
    public IReadOnlyList<Finding> Reasons { get; }

    private static string Sentence(Finding reason) =>
        reason.Evidence is { } evidence ? $"{reason.Message} ({evidence})" : reason.Message;
}
