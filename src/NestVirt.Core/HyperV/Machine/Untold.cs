using NestVirt.Probing;
using NestVirt.Transport.Recorded;

namespace NestVirt.HyperV.Machine;

/// <summary>What a host did not tell: whether it has no such thing, the account may not ask, or the asking failed.</summary>
internal static class Untold
{
    /// <summary>What to do where the account may not.</summary>
    internal const string Account =
        "Use an account that is in the group Hyper-V Administrators of the host, or in its Administrators.";

    private const string Services = "Look whether the host's services vmms and winmgmt run, and repeat.";

    /// <summary>Makes the error of it.</summary>
    /// <param name="answer">The answer, which has a reason for not being there.</param>
    /// <param name="what">What cannot be told, as the beginning of a sentence.</param>
    /// <returns>The error.</returns>
    internal static NestVirtException Of(ProbeAnswer answer, string what)
    {
        string message = $"{what} cannot be told: {answer.UnavailableReason!.TrimEnd('.')}.";
        return CimAnswers.IsMissing(answer)
            ? new NestVirtException(NestVirtErrorKind.FeatureNotSupported, message)
            : new NestVirtException(
                CimAnswers.IsDenied(answer)
                    ? NestVirtErrorKind.HostPermissionDenied
                    : NestVirtErrorKind.ProbeOutputInvalid,
                message
            )
            {
                Remedy = RemedyOf(answer),
            };
    }

    /// <summary>Says what to do.</summary>
    /// <param name="answer">The answer, which is not there.</param>
    /// <returns>The remedy.</returns>
    internal static string RemedyOf(ProbeAnswer answer) => CimAnswers.IsDenied(answer) ? Account : Services;
}
