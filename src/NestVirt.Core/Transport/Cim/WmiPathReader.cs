using System.Globalization;
using System.Text;

namespace NestVirt.Transport.Cim;

/// <summary>Reads the text of a path as WMI writes it.</summary>
/// <param name="text">The text.</param>
internal sealed class WmiPathReader(string text)
{
    private int _at;

    /// <summary>Reads it.</summary>
    /// <returns>The path; null for a text of another form.</returns>
    internal CimPath? Read()
    {
        string? @namespace = ReadNamespace();
        string className = ReadName();
        if (@namespace is null || className.Length == 0)
        {
            return null;
        }

        // "=@" names the one instance of its class.
        if (_at == text.Length || text[_at..] == "=@")
        {
            return new CimPath(@namespace, className, []);
        }

        List<KeyValuePair<string, CimValue>> keys = [];
        for (char before = '.'; _at < text.Length; before = ',')
        {
            if (text[_at++] != before || ReadKey() is not { } key)
            {
                return null;
            }

            keys.Add(key);
        }

        return new CimPath(@namespace, className, keys);
    }

    // \\host\root\x:Class, root\x:Class, Class.
    private string? ReadNamespace()
    {
        int quote = text.IndexOf('"', StringComparison.Ordinal);
        int colon = text.AsSpan(0, quote < 0 ? text.Length : quote).IndexOf(':');
        if (colon < 0)
        {
            return string.Empty;
        }

        string before = text[..colon].Replace('\\', '/');
        _at = colon + 1;
        if (!before.StartsWith("//", StringComparison.Ordinal))
        {
            return before.Trim('/');
        }

        int end = before.IndexOf('/', 2);
        return end < 0 ? null : before[(end + 1)..].Trim('/');
    }

    private string ReadName()
    {
        int start = _at;
        while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] == '_'))
        {
            _at++;
        }

        return text[start.._at];
    }

    private KeyValuePair<string, CimValue>? ReadKey()
    {
        string name = ReadName();
        if (name.Length == 0 || _at >= text.Length || text[_at++] != '=')
        {
            return null;
        }

        if (_at < text.Length && text[_at] == '"')
        {
            return ReadQuoted() is { } quoted ? new(name, CimValue.Of(quoted)) : null;
        }

        int start = _at;
        while (_at < text.Length && text[_at] != ',')
        {
            _at++;
        }

        string plain = text[start.._at];
        return bool.TryParse(plain, out bool truth) ? new(name, CimValue.Of(truth))
            : long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
                ? new(name, CimValue.Of(CimType.SInt64, number))
            : null;
    }

    private string? ReadQuoted()
    {
        StringBuilder value = new();
        for (_at++; _at < text.Length; _at++)
        {
            switch (text[_at])
            {
                case '"':
                    _at++;
                    return value.ToString();
                case '\\' when _at + 1 < text.Length:
                    value.Append(text[++_at]);
                    break;
                default:
                    value.Append(text[_at]);
                    break;
            }
        }

        return null;
    }
}
