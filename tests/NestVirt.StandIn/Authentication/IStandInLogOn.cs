namespace NestVirt.StandIn.Authentication;

/// <summary>
/// The log-on of one connection, which sees its requests in their order: NTLM and Negotiate are bound to the
/// connection, and may seal the bodies on it.
/// </summary>
public interface IStandInLogOn
{
    /// <summary>Takes a request.</summary>
    /// <param name="authorization">The header Authorization; null where there is none.</param>
    /// <param name="body">The body as it came.</param>
    StandInDecision Receive(string? authorization, StandInBody body);

    /// <summary>Makes the body of an answer ready to be sent; the same body where nothing is sealed.</summary>
    /// <param name="body">The body in the clear.</param>
    StandInBody Send(StandInBody body);
}
