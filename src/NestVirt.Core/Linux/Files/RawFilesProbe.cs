using System.Globalization;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Files;

/// <summary>Reads files byte for byte, so that an edit keeps what it does not understand; starts four programs.</summary>
internal static class RawFilesProbe
{
    private const string Missing = "missing";

    /// <summary>Makes a probe that reads files as root.</summary>
    /// <param name="name">The name of the probe.</param>
    /// <param name="patterns">Constant paths, which may hold shell patterns and no blanks.</param>
    /// <returns>The probe.</returns>
    public static ShellProbe For(string name, params IReadOnlyList<string> patterns) =>
        Where(name, $"set -- {string.Join(' ', patterns.Select(static pattern => $"\"$NESTVIRT_ROOT\"{pattern}"))}");

    /// <summary>Makes a probe that reads as root the files that a script finds.</summary>
    /// <param name="name">The name of the probe.</param>
    /// <param name="find">A script that sets the positional parameters to paths below <c>$NESTVIRT_ROOT</c>.</param>
    /// <returns>The probe.</returns>
    internal static ShellProbe Where(string name, string find) =>
        new(
            name,
            $$"""
            {{find}}
            nv_left=$#
            while [ "$nv_left" -gt 0 ]; do
              case $1 in
                *"$nv_newline"*) ;;
                *) if [ -f "$1" ] && [ -r "$1" ]; then set -- "$@" "$1"; fi ;;
              esac
              shift
              nv_left=$((nv_left - 1))
            done
            [ $# -gt 0 ] || return 0
            for nv_tool in cat od wc; do
              command -v "$nv_tool" >/dev/null 2>&1 || { printf 'missing %s\n' "$nv_tool"; return 0; }
            done
            nv_sizes=$(wc -c -- "$@" | while read -r size f; do printf '%s\n' "$size"; done)
            nv_left=$# nv_kept= nv_all=0
            for size in $nv_sizes; do
              [ "$nv_left" -gt 0 ] || break
              nv_left=$((nv_left - 1))
              if [ "$size" -gt {{FileLimits.Bytes}} ] || [ $((nv_all + size)) -gt {{FileLimits.AllRawBytes}} ]; then
                printf '{{FileLimits.Fact}}\t%s\n' "${1#"$NESTVIRT_ROOT"}"
              else
                nv_all=$((nv_all + size)) nv_kept="$nv_kept $size"
                set -- "$@" "$1"
              fi
              shift
            done
            [ $# -gt 0 ] || return 0
            for f; do printf 'file %s\n' "${f#"$NESTVIRT_ROOT"}"; done
            find -L "$@" -type f -links +1 2>/dev/null | while IFS= read -r f; do printf 'linked %s\n' "${f#"$NESTVIRT_ROOT"}"; done
            printf 'sizes\n'
            printf '%s\n' $nv_kept
            printf 'bytes\n'
            cat -- "$@" | od -An -v -tx1
            """
        )
        {
            NeedsRoot = true,
            MayHoldSecrets = text => HoldsSecrets(name, text),
        };

    /// <summary>Reads what such a probe printed.</summary>
    /// <param name="name">The name of the probe, for errors.</param>
    /// <param name="text">The output.</param>
    /// <returns>The files by path.</returns>
    /// <exception cref="ProbeFormatException">The output is not of the probe's form.</exception>
    public static IReadOnlyDictionary<string, RawFile> Parse(string name, string text)
    {
        string[] lines = text.Split('\n');
        Dictionary<string, RawFile> files = new(StringComparer.Ordinal);
        int at = Array.FindIndex(lines, static line => line.Length > 0 && !LeftOutFiles.IsLine(line));
        if (at < 0)
        {
            return files;
        }

        if (lines[at].Split(' ') is [Missing, var tool])
        {
            throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                $"The host has no {HostText.ForDisplay(tool, 40)}, without which files cannot be read byte for byte, and so not be changed."
            )
            {
                Remedy = "Install it: it is of the package coreutils.",
            };
        }

        List<string> paths = [];
        for (; at < lines.Length && lines[at].StartsWith("file /", StringComparison.Ordinal); at++)
        {
            paths.Add(lines[at][5..]);
        }

        HashSet<string> linked = new(StringComparer.Ordinal);
        for (; at < lines.Length && lines[at].StartsWith("linked /", StringComparison.Ordinal); at++)
        {
            linked.Add(lines[at][7..]);
        }

        Expect(name, lines, ref at, "sizes");
        int[] sizes = new int[paths.Count];
        for (int i = 0; i < sizes.Length; i++, at++)
        {
            if (
                at >= lines.Length
                || !int.TryParse(lines[at], NumberStyles.None, CultureInfo.InvariantCulture, out sizes[i])
            )
            {
                throw new ProbeFormatException(name, at + 1, at < lines.Length ? lines[at] : string.Empty);
            }
        }

        // In recordings of earlier releases, wc adds a line for all of them.
        at += at < lines.Length && lines[at] != "bytes" ? 1 : 0;
        Expect(name, lines, ref at, "bytes");
        ReadOnlyMemory<byte> bytes = Bytes(name, lines, at);
        for (int i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] > bytes.Length)
            {
                throw new ProbeFormatException(name, lines.Length, $"{paths[i]} ends early");
            }

            files[paths[i]] = new RawFile(paths[i], bytes[..sizes[i]]) { HasOtherNames = linked.Contains(paths[i]) };
            bytes = bytes[sizes[i]..];
        }

        return files;
    }

    private static bool HoldsSecrets(string name, string text)
    {
        try
        {
            return Parse(name, text).Values.Any(static file => SecretText.IsIn(file.Text));
        }
        catch (NestVirtException)
        {
            return true;
        }
    }

    private static void Expect(string name, string[] lines, ref int at, string word)
    {
        if (at >= lines.Length || lines[at] != word)
        {
            throw new ProbeFormatException(name, at + 1, at < lines.Length ? lines[at] : string.Empty);
        }

        at++;
    }

    private static byte[] Bytes(string name, string[] lines, int start)
    {
        List<byte> bytes = [];
        for (int i = start; i < lines.Length; i++)
        {
            foreach (string word in lines[i].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                bytes.Add(
                    byte.TryParse(word, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value)
                        ? value
                        : throw new ProbeFormatException(name, i + 1, lines[i])
                );
            }
        }

        return [.. bytes];
    }
}
