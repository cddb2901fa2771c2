namespace NestVirt.StandIn.Authentication;

/// <summary>A way to log on. One is used by all connections; what belongs to one connection is in its log-on.</summary>
public interface IStandInAuthentication
{
    /// <summary>Begins with a connection.</summary>
    /// <param name="connection">The connection.</param>
    IStandInLogOn Connect(StandInConnection connection);
}
