namespace NestVirt.Transport.Cim.WsMan;

/// <summary>A message that is ready to be sent, and what its answer is to be read with.</summary>
/// <param name="MessageId">What the answer names as the message that it belongs to; empty where messages have none.</param>
/// <param name="Resource">What it is about.</param>
/// <param name="Namespace">The namespace of references in the answer that name none.</param>
/// <param name="Task">What is asked, as the end of "The host cannot …".</param>
/// <param name="Message">The envelope, as UTF-8.</param>
internal sealed record WsManRequest(
    string MessageId,
    WsManResource Resource,
    string Namespace,
    string Task,
    ReadOnlyMemory<byte> Message
);
