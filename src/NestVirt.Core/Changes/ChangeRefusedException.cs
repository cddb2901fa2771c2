using NestVirt.Hosts;
using NestVirt.Model;

namespace NestVirt.Changes;

/// <summary>A change that would harm a host, or that the host cannot take.</summary>
internal sealed class ChangeRefusedException : NestVirtException
{
    /// <summary>Initializes a new instance of the <see cref="ChangeRefusedException"/> class.</summary>
    /// <param name="reasons">Why; at least one.</param>
    public ChangeRefusedException(params IReadOnlyList<Finding> reasons)
        : base(NestVirtErrorKind.ChangeRefused, string.Join(' ', reasons.Select(Sentence)))
    {
        Reasons = reasons;
        Remedy = reasons.Select(RemedyOf).FirstOrDefault(static remedy => remedy is not null);
    }

    /// <summary>Gets why, each with what proves it.</summary>
    public IReadOnlyList<Finding> Reasons { get; }

    /// <summary>Writes the commands that mend the reasons.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">What was refused.</param>
    /// <returns>The same refusal, with the commands.</returns>
    internal ChangeRefusedException For(HostTarget target, ChangeRequest request) =>
        new([.. Reasons.Select(reason => reason.For(target, request.Call))]);

    private static string? RemedyOf(Finding reason) =>
        reason.Command is { } command ? $"{reason.Remedy} Run: {command}".TrimStart() : reason.Remedy;

    private static string Sentence(Finding reason) =>
        reason.Evidence is { } evidence ? $"{reason.Message} ({evidence})" : reason.Message;
}
