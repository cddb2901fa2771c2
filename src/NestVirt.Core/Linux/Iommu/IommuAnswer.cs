using System.Globalization;
using NestVirt.Model;

namespace NestVirt.Linux.Iommu;

/// <summary>Gathers the lines of the IOMMU probe's answer: a word, a tab, and what belongs to it.</summary>
internal sealed class IommuAnswer
{
    private readonly List<string> _tables = [];
    private readonly List<string> _units = [];
    private readonly List<string> _smmus = [];
    private readonly List<string> _iort = [];
    private readonly Dictionary<string, string> _parameters = new(StringComparer.Ordinal);
    private readonly List<IommuGroupFacts> _groups = [];
    private readonly List<ReservedRegion> _regions = [];
    private readonly List<IommuMember> _members = [];
    private readonly List<MemoryInside> _memory = [];
    private readonly Dictionary<string, PciDriverModule> _drivers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _overrides = new(StringComparer.Ordinal);
    private readonly Stack<(int Depth, string? Function)> _nesting = new();
    private readonly List<BootLineWithIds> _bootIds = [];
    private readonly List<(string Address, string Evidence)> _binds = [];
    private IommuGroupFacts? _group;
    private string? _release;
    private string? _maker;
    private string? _commandLine;
    private string? _interruptChip;
    private string? _xen;
    private bool _hasAcpiTables;
    private bool _hasPlatformDevices;
    private bool _isLive;
    private bool _hasResetFiles;
    private bool _hasGroupDirectory;

    /// <summary>Reads one line.</summary>
    /// <param name="line">The line.</param>
    /// <returns>False if no such line is ever printed.</returns>
    public bool TryRead(ReadOnlySpan<char> line)
    {
        int tab = line.IndexOf('\t');
        ReadOnlySpan<char> word = tab < 0 ? line : line[..tab];
        ReadOnlySpan<char> value = tab < 0 ? [] : line[(tab + 1)..];
        return word switch
        {
            "acpi" => _hasAcpiTables = true,
            "live" => _isLive = true,
            "resets" => _hasResetFiles = true,
            "groups" => _hasGroupDirectory = true,
            "platform" => _hasPlatformDevices = true,
            _ when value.IsEmpty => false,
            "cmdline" => (_commandLine = value.ToString()).Length > 0,
            "irq" => (_interruptChip = value.ToString()).Length > 0,
            "release" => (_release = value.ToString()).Length > 0,
            "maker" => (_maker = _maker is null ? value.ToString() : $"{_maker} {value}").Length > 0,
            "bootids" => TryReadBootIds(value),
            "bind" => TryReadBind(value),
            "memory" => TryReadMemory(value),
            "driver" => TryReadDriver(value),
            "override" => TryReadOverride(value),
            "table" => TryAdd(_tables, value),
            "unit" => TryAdd(_units, value),
            "smmu" => TryAdd(_smmus, value),
            "iort" => TryAdd(_iort, value),
            "xen" => (_xen = value.ToString()).Length > 0,
            "param" => TryReadParameter(value),
            "group" => TryBegin(value),
            _ => _group is not null && TryReadMember(word, value),
        };
    }

    /// <summary>Gets what the lines say together.</summary>
    public IommuFacts ToFacts()
    {
        End();
        return new IommuFacts
        {
            CommandLine = _commandLine,
            HasAcpiTables = _hasAcpiTables,
            Tables = _tables,
            Units = _units,
            HasSmmu =
                IortTable.HasSmmu(_iort)
                ?? (
                    _smmus.Count > 0 ? true
                    : _hasPlatformDevices ? false
                    : null
                ),
            XenControlDomain = _xen,
            IsLive = _isLive,
            HasGroupDirectory = _hasGroupDirectory,
            Groups = [.. _groups.OrderBy(static group => group.Number)],
            InterruptChip = _interruptChip,
            KernelRelease = _release,
            Maker = _maker,
            BootIds = _bootIds,
            Binds = _binds.ToLookup(
                static bind => bind.Address,
                static bind => bind.Evidence,
                StringComparer.OrdinalIgnoreCase
            ),
            HasResetFiles = _hasResetFiles,
            Memory = _memory.ToLookup(static line => line.Address, StringComparer.Ordinal),
            Drivers = _drivers,
            SavedOverrides = _overrides,
            VfioParameters = _parameters,
        };
    }

    private static bool TryAdd(List<string> list, ReadOnlySpan<char> value)
    {
        list.Add(value.ToString());
        return true;
    }

    private bool TryReadParameter(ReadOnlySpan<char> value)
    {
        int tab = value.IndexOf('\t');
        return tab > 0 && _parameters.TryAdd(value[..tab].ToString(), value[(tab + 1)..].ToString());
    }

    // number, tab, the line with the blanks that show its depth
    private bool TryReadMemory(ReadOnlySpan<char> value)
    {
        int tab = value.IndexOf('\t');
        ReadOnlySpan<char> line = value[(tab + 1)..];
        ReadOnlySpan<char> text = line.TrimStart(' ');
        int name = text.IndexOf(" : ", StringComparison.Ordinal) + " : ".Length;
        if (
            tab < 0
            || name < " : ".Length
            || !int.TryParse(value[..tab], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        )
        {
            return false;
        }

        int depth = line.Length - text.Length;
        while (_nesting.TryPeek(out (int Depth, string? Function) above) && above.Depth >= depth)
        {
            _nesting.Pop();
        }

        bool isFunction = PciAddress.TryParse(text[name..], out _);
        string? function = _nesting.TryPeek(out (int Depth, string? Function) outer) ? outer.Function : null;
        if (function is not null && !isFunction)
        {
            _memory.Add(new MemoryInside(function, number, text.ToString()));
        }

        _nesting.Push((depth, isFunction ? text[name..].ToString() : function));
        return true;
    }

    // name, tab, module, tab, builtin or module or nothing
    private bool TryReadDriver(ReadOnlySpan<char> value)
    {
        string[] words = value.ToString().Split('\t');
        return words.Length == 3
            && _drivers.TryAdd(
                words[0],
                new PciDriverModule(words[1], words[2].Length == 0 ? null : words[2] == "builtin")
            );
    }

    private bool TryReadBootIds(ReadOnlySpan<char> value)
    {
        int tab = value.IndexOf('\t');
        if (tab <= 0 || !value[tab..].Contains("pci.ids=", StringComparison.Ordinal))
        {
            return false;
        }

        _bootIds.Add(new BootLineWithIds(value[..tab].ToString(), value[(tab + 1)..].Trim().ToString()));
        return true;
    }

    private bool TryReadBind(ReadOnlySpan<char> value)
    {
        const string Key = "BIND=";
        string[] parts = value.ToString().Split('\t', 2);
        if (parts.Length != 2 || !parts[1].StartsWith(Key, StringComparison.Ordinal))
        {
            return false;
        }

        _binds.AddRange(
            parts[1]
                [Key.Length..]
                .Trim('"')
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(word => (word.Split('|')[0], $"{parts[0]}: {parts[1]}"))
        );
        return true;
    }

    private bool TryReadOverride(ReadOnlySpan<char> value)
    {
        int tab = value.IndexOf('\t');
        return tab > 0 && _overrides.TryAdd(value[..tab].ToString(), value[(tab + 1)..].Trim().ToString());
    }

    private bool TryBegin(ReadOnlySpan<char> value)
    {
        End();
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return false;
        }

        _group = new IommuGroupFacts(number);
        return true;
    }

    private bool TryReadMember(ReadOnlySpan<char> word, ReadOnlySpan<char> value)
    {
        switch (word)
        {
            case "type":
                _group = _group! with { Type = value.ToString() };
                return true;
            case "name":
                _group = _group! with { Name = value.ToString() };
                return true;
            case "region" when IommuProbe.TryParseRegion(value, out ReservedRegion region):
                _regions.Add(region);
                return true;
            case "member" when value.IndexOf('\t') is var tab and > 0:
                ReadOnlySpan<char> driver = value[(tab + 1)..];
                _members.Add(new IommuMember(value[..tab].ToString(), driver.IsEmpty ? null : driver.ToString()));
                return true;
            default:
                return false;
        }
    }

    private void End()
    {
        if (_group is not null)
        {
            _groups.Add(_group with { ReservedRegions = [.. _regions], Members = [.. _members] });
        }

        _group = null;
        _regions.Clear();
        _members.Clear();
    }
}
