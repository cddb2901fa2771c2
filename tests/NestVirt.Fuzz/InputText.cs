using System.Globalization;
using System.Text;

namespace NestVirt.Fuzz;

/// <summary>Inputs as files that a person can read: what is no plain character is written as <c>\uXXXX</c>.</summary>
internal static class InputText
{
    /// <summary>Writes an input.</summary>
    internal static void Write(string path, string text)
    {
        StringBuilder escaped = new(text.Length);
        foreach (char character in text)
        {
            if (character is '\n' or '\t' or (>= ' ' and < '\u007f' and not '\\'))
            {
                escaped.Append(character);
            }
            else
            {
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            }
        }

        File.WriteAllText(path, escaped.ToString());
    }

    /// <summary>Reads an input.</summary>
    internal static string Read(string path)
    {
        const int Length = 6;
        string escaped = File.ReadAllText(path);
        StringBuilder text = new(escaped.Length);
        for (int at = 0; at < escaped.Length; at++)
        {
            if (escaped[at] == '\\')
            {
                text.Append((char)Convert.ToUInt16(escaped.Substring(at + 2, Length - 2), 16));
                at += Length - 1;
            }
            else
            {
                text.Append(escaped[at]);
            }
        }

        return text.ToString();
    }
}
