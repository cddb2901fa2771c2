using System.Text;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Core.Tests.Transport.Cim.WsMan;

/// <summary>Answers each message in turn, by a text or an error, and keeps what was sent.</summary>
internal sealed class ScriptedChannel(params object[] answers) : IWsManChannel
{
    private readonly Queue<object> _answers = new(answers);

    public Uri Address { get; } = new("http://hv1.example.com:5985/wsman");

    public List<string> Sent { get; } = [];

    public bool IsDisposed { get; private set; }

    /// <summary>Gets the last part of the action of each message.</summary>
    public IEnumerable<string> Actions => Sent.Select(static text => text.Split("</a:Action>")[0].Split('/')[^1]);

    public Task<WsManReply> SendAsync(
        ReadOnlyMemory<byte> message,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        Sent.Add(Encoding.UTF8.GetString(message.Span));
        return _answers.TryDequeue(out object? answer)
            ? answer switch
            {
                string text => Task.FromResult(WsManTexts.Reply(text, message)),
                Func<string, string> make => Task.FromResult(WsManTexts.Reply(make(Sent[^1]), message)),
                Exception error => Task.FromException<WsManReply>(error),
                _ => throw new NotSupportedException(),
            }
            : throw new InvalidOperationException($"nothing is known for {Sent[^1]}");
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }
}
