using System.Net;
using NestVirt.Linux.Machine;

namespace NestVirt.Linux.DeviceUse;

/// <summary>Gathers the lines of the host-use probe: words with tabs, then files as the preamble prints them.</summary>
internal sealed class HostUseAnswer
{
    private readonly Dictionary<string, BlockFacts> _blocks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _lower = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _fileSystems = new(StringComparer.Ordinal);
    private readonly List<MountFacts> _mounts = [];
    private readonly List<string> _swaps = [];
    private readonly List<RouteFacts> _routes = [];
    private readonly List<(IPAddress, string)> _addresses = [];
    private readonly List<(string, string)> _poolMembers = [];
    private (IPAddress, IPAddress)? _connection;
    private string? _block;
    private string? _file;
    private string? _udevType;
    private string? _udevLabel;

    /// <summary>Reads one line.</summary>
    /// <param name="line">The line.</param>
    /// <returns>False if no such line is ever printed.</returns>
    public bool TryRead(ReadOnlySpan<char> line)
    {
        switch (line[0])
        {
            case '@':
                EndFile();
                _file = line[1..].ToString();
                return true;
            case '|':
                return _file is not null && TryReadFile(_file, line[1..]);
            default:
                string[] fields = line.ToString().Split('\t');
                return _file is null && TryReadFields(fields);
        }
    }

    /// <summary>Gets what the lines say together.</summary>
    public HostUseFacts ToFacts()
    {
        EndFile();
        return new HostUseFacts
        {
            Blocks = _blocks,
            Mounts = _mounts,
            Swaps = _swaps,
            FileSystemDevices = [.. _fileSystems.Values],
            PoolMembers = _poolMembers,
            LowerInterfaces = _lower.ToDictionary(
                static pair => pair.Key,
                static pair => (IReadOnlyList<string>)pair.Value,
                StringComparer.Ordinal
            ),
            Routes = _routes,
            Addresses = _addresses,
            Connection = _connection,
        };
    }

    private static void Add(Dictionary<string, List<string>> lists, string key, string value)
    {
        if (!lists.TryGetValue(key, out List<string>? list))
        {
            lists.Add(key, list = []);
        }

        list.Add(value);
    }

    private bool TryReadFields(string[] fields)
    {
        switch (fields)
        {
            case ["connection", string ends]:
                // A shell that inherited something else in SSH_CONNECTION says nothing about a connection.
                string[] words = ends.Split(' ');
                _connection =
                    words.Length == 4
                    && IPAddress.TryParse(words[0], out IPAddress? client)
                    && IPAddress.TryParse(words[2], out IPAddress? server)
                        ? (Plain(client), Plain(server))
                        : null;
                return true;
            case ["block", string name, string number, string path]:
                _block = name;
                return _blocks.TryAdd(name, new BlockFacts(name, number, path));
            case ["part"] when _block is not null:
                _blocks[_block] = _blocks[_block] with { IsPartition = true };
                return true;
            case ["dm", string name] when _block is not null:
                _blocks[_block] = _blocks[_block] with { MapperName = name };
                return true;
            case ["slave", string name] when _block is not null:
                _blocks[_block] = _blocks[_block] with { Slaves = [.. _blocks[_block].Slaves, name] };
                return true;
            case ["btrfs", string id, string name]:
                Add(_fileSystems, id, name);
                return true;
            case ["lower", string upper, string lower]:
                Add(_lower, upper, lower);
                return true;
            default:
                return false;
        }
    }

    private bool TryReadFile(string file, ReadOnlySpan<char> line) =>
        file switch
        {
            _ when file.EndsWith("/mountinfo", StringComparison.Ordinal) => KernelTables.TryReadMount(line, _mounts),
            _ when file.EndsWith("/swaps", StringComparison.Ordinal) => KernelTables.TryReadSwap(line, _swaps),
            _ when file.EndsWith("/ipv6_route", StringComparison.Ordinal) => KernelTables.TryReadRoute6(line, _routes),
            _ when file.EndsWith("/route", StringComparison.Ordinal) => KernelTables.TryReadRoute4(line, _routes),
            _ when file.EndsWith("/if_inet6", StringComparison.Ordinal) => KernelTables.TryReadAddress6(
                line,
                _addresses
            ),
            _ => TryReadUdev(line),
        };

    private bool TryReadUdev(ReadOnlySpan<char> line)
    {
        const string Type = "E:ID_FS_TYPE=";
        const string Label = "E:ID_FS_LABEL=";
        if (line.StartsWith(Type, StringComparison.Ordinal))
        {
            _udevType = line[Type.Length..].ToString();
        }
        else if (line.StartsWith(Label, StringComparison.Ordinal))
        {
            _udevLabel = line[Label.Length..].ToString();
        }

        return true;
    }

    // The entries of a device come in no fixed order, so they are weighed when its file ends.
    private void EndFile()
    {
        if (_udevType == "zfs_member")
        {
            _poolMembers.Add((_udevLabel ?? string.Empty, _file![(_file!.LastIndexOf('/') + 1)..].TrimStart('b')));
        }

        _udevType = null;
        _udevLabel = null;
    }

    private static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
