using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace NestVirt.Guidance;

/// <summary>A sentence of advice while it is put together.</summary>
[InterpolatedStringHandler]
internal readonly struct AdviceText
{
    private readonly StringBuilder _text;
    private readonly IFrontEndWords _words;

    /// <summary>Initializes a new instance of the <see cref="AdviceText"/> struct.</summary>
    public AdviceText(int literalLength, int formattedCount)
        : this(literalLength, formattedCount, FrontEnd.Words) { }

    /// <summary>Initializes a new instance of the <see cref="AdviceText"/> struct.</summary>
    public AdviceText(int literalLength, int formattedCount, IFrontEndWords words)
    {
        const int WordLength = 24;
        _text = new StringBuilder(literalLength + (formattedCount * WordLength));
        _words = words;
    }

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    /// <summary>Adds words that are the same everywhere.</summary>
    internal void AppendLiteral(string text) => _text.Append(text);

    /// <summary>Adds what a host or a user said.</summary>
    internal void AppendFormatted(string? text) => _text.Append(text);

    /// <summary>Adds a number.</summary>
    internal void AppendFormatted(long number) => _text.Append(CultureInfo.InvariantCulture, $"{number}");

    /// <summary>Adds a switch.</summary>
    internal void AppendFormatted(ChangeSwitch allowed) => _text.Append(_words.NameOf(allowed));

    /// <summary>Adds a setting.</summary>
    internal void AppendFormatted(HostSetting setting) => _text.Append(_words.NameOf(setting));

    /// <summary>Adds a command.</summary>
    internal void AppendFormatted(OwnCommand command) => _text.Append(_words.NameOf(command));

    /// <summary>Adds a command with its arguments; its name alone where the front end does not write it.</summary>
    internal void AppendFormatted(CommandCall call) => _text.Append(_words.Write(call) ?? _words.NameOf(call.Command));
}
