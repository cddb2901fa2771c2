namespace NestVirt.StandIn.Protocol;

/// <summary>An answer: its status of HTTP and its text.</summary>
/// <param name="Status">200, or 500 for a fault.</param>
/// <param name="Text">The envelope.</param>
internal sealed record WsManReply(int Status, string Text);
