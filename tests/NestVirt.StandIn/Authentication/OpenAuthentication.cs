namespace NestVirt.StandIn.Authentication;

/// <summary>Lets everybody in. No Windows does; for tests of what is said after the log-on.</summary>
public sealed class OpenAuthentication : IStandInAuthentication, IStandInLogOn
{
    /// <inheritdoc/>
    public IStandInLogOn Connect(StandInConnection connection) => this;

    /// <inheritdoc/>
    public StandInDecision Receive(string? authorization, StandInBody body) => StandInDecision.Accept("anyone", body);

    /// <inheritdoc/>
    public StandInBody Send(StandInBody body) => body;
}
