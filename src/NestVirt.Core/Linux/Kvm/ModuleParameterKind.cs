using System.Globalization;
using NestVirt.Model;

namespace NestVirt.Linux.Kvm;

/// <summary>What the kernel accepts as the value of a module's parameter.</summary>
internal enum ModuleParameterKind
{
    /// <summary>A text, or a kind that is not known: every value is let pass.</summary>
    Other,

    /// <summary>A bool, read by kstrtobool; without a value it is true. sysfs shows Y or N.</summary>
    Bool,

    /// <summary>A number, read by kstrtoint with base 0; it needs a value.</summary>
    Number,
}

/// <summary>Reads values of module parameters as the kernel does (kernel/params.c, lib/kstrtox.c).</summary>
internal static class ModuleParameterValue
{
    /// <summary>Tells whether the kernel takes a value. If it does not, a module with it is not loaded.</summary>
    /// <param name="kind">The kind of the parameter.</param>
    /// <param name="value">The value as written, or null for a bare name.</param>
    /// <param name="range">The least and the greatest number that it takes; null when they are not known.</param>
    /// <returns>True if the kernel takes it.</returns>
    public static bool IsValid(ModuleParameterKind kind, string? value, (long Least, long Most)? range = null) =>
        kind switch
        {
            ModuleParameterKind.Bool => value is null || ParseBool(value) is not null,
            ModuleParameterKind.Number => value is not null
                && ParseNumber(value) is { } number
                && number >= (range?.Least ?? long.MinValue)
                && number <= (range?.Most ?? long.MaxValue),
            _ => true,
        };

    /// <summary>Reads a value as a switch.</summary>
    /// <param name="kind">The kind of the parameter.</param>
    /// <param name="value">The value as written, or null for a bare name.</param>
    /// <returns>On or Off; Unknown where the kernel refuses the value.</returns>
    public static NestedState ToSwitch(ModuleParameterKind kind, string? value)
    {
        bool? isOn =
            kind == ModuleParameterKind.Number
                ? ParseNumber(value ?? string.Empty) is { } number
                    ? number != 0
                    : null
                : value is null
                    ? true
                    : ParseBool(value);
        return isOn switch
        {
            true => NestedState.On,
            false => NestedState.Off,
            null => NestedState.Unknown,
        };
    }

    /// <summary>Reads a value that sysfs shows: Y and N of a bool, or a number.</summary>
    /// <param name="value">The value, or null when it could not be read.</param>
    /// <returns>On, Off or Unknown.</returns>
    public static NestedState FromSysfs(string? value) =>
        value?.Trim() switch
        {
            null or "" => NestedState.Unknown,
            ['Y'] or ['y'] => NestedState.On,
            ['N'] or ['n'] => NestedState.Off,
            string text => ToSwitch(ModuleParameterKind.Number, text),
        };

    // Only the first character counts, and the second after an o: "yes" is true, "of" is false.
    private static bool? ParseBool(string value) =>
        value switch
        {
            ['y' or 'Y' or 't' or 'T' or '1', ..] => true,
            ['n' or 'N' or 'f' or 'F' or '0', ..] => false,
            ['o' or 'O', 'n' or 'N', ..] => true,
            ['o' or 'O', 'f' or 'F', ..] => false,
            _ => null,
        };

    // A sign, then 0x and hexadecimal, 0 and octal, or decimal digits; one newline may follow.
    private static long? ParseNumber(string value)
    {
        bool isNegative = value.StartsWith('-');
        ReadOnlySpan<char> digits = value.AsSpan(value is ['-' or '+', ..] ? 1 : 0);
        digits = digits.EndsWith("\n") ? digits[..^1] : digits;
        bool isHexadecimal = digits is ['0', 'x' or 'X', _, ..];
        bool isOctal = !isHexadecimal && digits is ['0', _, ..];
        digits = isHexadecimal ? digits[2..] : digits;
        long number = 0;
        foreach (char character in digits)
        {
            int digit = char.IsAsciiHexDigit(character)
                ? Convert.ToInt32(character.ToString(CultureInfo.InvariantCulture), 16)
                : int.MaxValue;
            int numberBase =
                isHexadecimal ? 16
                : isOctal ? 8
                : 10;
            number = (number * numberBase) + digit;
            if (digit >= numberBase || number > uint.MaxValue)
            {
                return null;
            }
        }

        return digits.IsEmpty ? null
            : isNegative ? -number
            : number;
    }
}
