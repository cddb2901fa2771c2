#nullable enable
#pragma warning disable IDE0005 // PowerShell compiles this file for Pester, without the usings of the project.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
#pragma warning restore IDE0005

namespace NestVirt.Testing;

/// <summary>Makes records of any type, in which each text is as bad as a host can make it; for tests of both front ends.</summary>
public static class HostileRecords
{
    /// <summary>What a terminal obeys, or does not show: each of it must be gone.</summary>
    public static readonly string[] Bad =
    [
        "\0",
        "\a",
        "\b",
        "\v",
        "\r",
        "\u001b[2J",
        "\u001b]0;owned",
        "\u007f",
        "\u0085",
        "\u009b31m",
        "\u00ad",
        "\u034f",
        "\u061c",
        "\u115f",
        "\u180b",
        "\u200b",
        "\u200d",
        "\u200f",
        "\u2028",
        "\u2029",
        "\u202e",
        "\u2066",
        "\u2060",
        "\u3164",
        "\ufe0f",
        "\ufeff",
        "\uffa0",
        "\ufff9",
        "\U000e0001",
        "\U000e0041",
        "\U000e0100",
        "\U0001d173",
    ];

    /// <summary>A text with all of it, half characters, a line of its own, and what must stay.</summary>
    public static readonly string Text =
        "大😀" + string.Concat(Bad.Select(bad => "x" + bad)) + "\ud83dy\udc41z\nforged: line\tüber";

    // What joins letters and colours emoji, which names of files may have.
    private static readonly string[] s_joiners = ["\u200d", "\ufe0f"];

    /// <summary>Makes a record of a type of the assembly of the core.</summary>
    /// <param name="type">The type.</param>
    /// <returns>A record; each property that can be set is set.</returns>
    public static object Of(Type type) => Value(type)!;

    /// <summary>Tells what is left in a text that should not be.</summary>
    /// <param name="shown">The text.</param>
    /// <param name="allowed">What may be in it.</param>
    /// <returns>The code units, in hexadecimal digits.</returns>
    public static string[] Leaks(string shown, params string[] allowed)
    {
        List<string> leaks =
        [
            .. Bad.Except(allowed)
                .Select(bad => char.IsSurrogate(bad[0]) ? bad : bad[..1])
                .Where(bad => shown.Contains(bad, StringComparison.Ordinal)),
        ];
        for (int i = 0; i < shown.Length; i++)
        {
            if (char.IsHighSurrogate(shown[i]) && i + 1 < shown.Length && char.IsLowSurrogate(shown[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(shown[i]))
            {
                leaks.Add(shown[i..(i + 1)]);
            }
        }

        return
        [
            .. leaks
                .Select(leak =>
                    string.Join(" ", leak.Select(unit => ((int)unit).ToString("x4", CultureInfo.InvariantCulture)))
                )
                .Distinct(),
        ];
    }

    private static object? Value(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(string) ? Text
            : type == typeof(bool) ? true
            : type == typeof(DateTimeOffset) ? DateTimeOffset.UnixEpoch
            : type == typeof(TimeSpan) ? TimeSpan.FromMinutes(1)
            : type.IsEnum ? Enum.GetValues(type).GetValue(1)
            : type.IsPrimitive ? Convert.ChangeType(3, type, CultureInfo.InvariantCulture)
            : type.IsValueType ? Activator.CreateInstance(type)
            : type.IsGenericType ? List(type.GetGenericArguments()[0])
            : type.Name == "HostTarget" ? Target(type)
            // What a request asks for comes from the user, or from a plan, which may hold no such text.
            : type.Name == "ChangeRequest" ? Record(type.Assembly.GetType("NestVirt.Changes.IommuRequest")!)
            : type.IsAbstract ? null
            : Record(type);
    }

    private static Array List(Type item)
    {
        Array list = Array.CreateInstance(item, 1);
        list.SetValue(Value(item), 0);
        return list;
    }

    private static object Target(Type type)
    {
        string name = s_joiners.Aggregate(Text, (text, joiner) => text.Replace(joiner, "", StringComparison.Ordinal));
        object address = Activator.CreateInstance(
            type.Assembly.GetType("NestVirt.Hosts.SnapshotAddress")!,
            $"/tmp/{name}.json"
        )!;
        return Activator.CreateInstance(type, Text, address)!;
    }

    private static object Record(Type type)
    {
        ConstructorInfo maker = type.GetConstructors().OrderByDescending(maker => maker.GetParameters().Length).First();
        object record = maker.Invoke([.. maker.GetParameters().Select(parameter => Value(parameter.ParameterType))]);
        foreach (
            PropertyInfo property in type.GetProperties().Where(property => property.SetMethod is { IsPublic: true })
        )
        {
            property.SetValue(record, Value(property.PropertyType));
        }

        return record;
    }
}
