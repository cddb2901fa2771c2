namespace NestVirt.Text;

/// <summary>Reads hexadecimal digits, which PCI text is made of, faster than the general parser.</summary>
internal static class HexText
{
    private const int DigitBits = 4;
    private const int LongestLength = 8;

    /// <summary>Gets the value of a digit.</summary>
    /// <param name="digit">The digit, in either case.</param>
    /// <returns>0 to 15, or -1 for any other character.</returns>
    public static int ValueOf(char digit) =>
        digit switch
        {
            >= '0' and <= '9' => digit - '0',
            >= 'a' and <= 'f' => digit - 'a' + 10,
            >= 'A' and <= 'F' => digit - 'A' + 10,
            _ => -1,
        };

    /// <summary>Reads a number of one to eight digits and nothing else.</summary>
    /// <param name="digits">The digits.</param>
    /// <param name="value">The number.</param>
    /// <returns>True if there are only digits.</returns>
    public static bool TryParse(ReadOnlySpan<char> digits, out uint value)
    {
        value = 0;
        if (digits.Length is 0 or > LongestLength)
        {
            return false;
        }

        foreach (char digit in digits)
        {
            int next = ValueOf(digit);
            if (next < 0)
            {
                return false;
            }

            value = (value << DigitBits) | (uint)next;
        }

        return true;
    }
}
