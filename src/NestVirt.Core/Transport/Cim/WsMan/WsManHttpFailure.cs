using System.Globalization;
using NestVirt.Text;

namespace NestVirt.Transport.Cim.WsMan;

/// <summary>Says why an answer of HTTP did not come, or not whole.</summary>
internal static class WsManHttpFailure
{
    private const string MayBeDone = " What was asked may have been carried out.";
    private const int ShownLength = 200;

    /// <summary>Says that nothing came in time.</summary>
    /// <param name="timeout">How long that is.</param>
    /// <param name="isMessage">True if the host may have carried something out.</param>
    internal static NestVirtException NoAnswer(TimeSpan timeout, bool isMessage) =>
        new(
            NestVirtErrorKind.HostTimeout,
            (isMessage ? "The host did not answer" : "The host did not go on with the login")
                + $" within {DurationText.Of(timeout)}.{Done(isMessage)}"
        );

    /// <summary>Says that an answer is longer than is read.</summary>
    /// <param name="limitBytes">How much is read.</param>
    /// <param name="isMessage">True if the host may have carried something out.</param>
    internal static NestVirtException TooLong(int limitBytes, bool isMessage) =>
        new(
            NestVirtErrorKind.ProbeOutputInvalid,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The answer is longer than {limitBytes >> 20} MiB, and was cut off.{Done(isMessage)}"
            )
        );

    /// <summary>Says that the host ended the connection between the steps of a login.</summary>
    internal static NestVirtException EndedInLogin() =>
        new(NestVirtErrorKind.HostConnectionLost, "The host ended the connection in the middle of the login.")
        {
            Remedy =
                "Check that nothing between here and the host, such as a proxy, ends connections after each answer.",
        };

    /// <summary>Says why the answer did not come, or not whole.</summary>
    /// <param name="error">What .NET says.</param>
    /// <param name="isMessage">True if the host may have carried something out.</param>
    internal static NestVirtException Of(Exception error, bool isMessage) =>
        error switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => new(
                NestVirtErrorKind.HostUnreachable,
                $"What answers at the host does not speak HTTP.{Done(isMessage)}",
                error
            )
            {
                Remedy = "Check the port, and whether HTTPS is spoken there.",
            },
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => new(
                NestVirtErrorKind.ProbeOutputInvalid,
                $"The headers of the answer are too long.{Done(isMessage)}",
                error
            ),
            _ => new(
                NestVirtErrorKind.HostConnectionLost,
                $"The connection ended before the whole answer was here ({Reason(error)}).{Done(isMessage)}",
                error
            ),
        };

    private static string Reason(Exception error)
    {
        Exception last = error;
        while (last.InnerException is { } inner)
        {
            last = inner;
        }

        return HostText.ForDisplay(last.Message.TrimEnd('.'), ShownLength);
    }

    private static string Done(bool isMessage) => isMessage ? MayBeDone : string.Empty;
}
