using System.Text.Json.Serialization;
using NestVirt.Text;

namespace NestVirt.Changes;

/// <summary>What is run on the host to make one change: one of the known actions, with its arguments as data.</summary>
/// <param name="Action">The name of the action, such as <c>file</c>: lower-case letters.</param>
/// <param name="Arguments">The arguments, which reach the host quoted.</param>
public sealed record HostStep(string Action, IReadOnlyList<string> Arguments)
{
    /// <summary>Gets the arguments, which reach the host quoted.</summary>
    public IReadOnlyList<string> Arguments
    {
        get;
        init => field = TextList<string>.Of(value);
    } = TextList<string>.Of(Arguments);

    /// <summary>The value of <see cref="Expected"/> that fits any state.</summary>
    public const string AnyState = "*";

    /// <summary>Gets the state that the plan was made for, as the action prints it. The host refuses when it finds another.</summary>
    public string Expected
    {
        get;
        init => field = value ?? AnyState;
    } = AnyState;

    /// <summary>Gets the bytes that a file will hold; null where the action writes no file.</summary>
    [JsonIgnore]
    public ReadOnlyMemory<byte>? Content { get; init; }

    /// <summary>Gets the SHA-256 of <see cref="Content"/> in lower-case hexadecimal digits, or null.</summary>
    public string? ContentHash => Content is { } content ? Sha256.Hex(content.Span) : null;

    /// <summary>Gets how long the action may take on the host.</summary>
    [JsonPropertyName("patience")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public override string ToString() => HostText.Shown(Action);
}
