using System.Text;
using NestVirt.Changes;
using NestVirt.Linux.Files;
using NestVirt.Linux.Sriov;

namespace NestVirt.Core.Tests.Linux.Sriov;

/// <summary>Edits of keyfiles. Their form is that of nm-settings-keyfile(5) and GLib's key files.</summary>
public sealed class NetworkManagerProfileTests
{
    private const string Path = "/etc/NetworkManager/system-connections/pf.nmconnection";

    [Theory]
    [InlineData("[connection]\nid=pf\n", 2, null, "", "[connection]\nid=pf\n\n[sriov]\ntotal-vfs=2\n")]
    [InlineData("[connection]\nid=pf", 2, null, "", "[connection]\nid=pf\n\n[sriov]\ntotal-vfs=2\n")]
    [InlineData("[connection]\r\nid=pf\r\n", 2, null, "", "[connection]\r\nid=pf\r\n\r\n[sriov]\r\ntotal-vfs=2\r\n")]
    [InlineData(
        "[sriov]\n# three of them\ntotal-vfs = 3\nvf.2=trust=true\nvf.0=mac=02:00:00:00:00:01\n\n[proxy]\n",
        2,
        null,
        "",
        "[sriov]\n# three of them\ntotal-vfs=2\nvf.0=mac=02:00:00:00:00:01\n\n[proxy]\n"
    )]
    [InlineData(
        "[sriov]\ntotal-vfs = 2\nautoprobe-drivers=0\n\n[proxy]\n",
        2,
        null,
        "",
        "[sriov]\ntotal-vfs = 2\nautoprobe-drivers=0\n\n[proxy]\n"
    )]
    [InlineData("[sriov]\ntotal-vfs=2\ntotal-vfs=4\n", 2, null, "", "[sriov]\ntotal-vfs=2\n")]
    [InlineData(
        "[sriov]\n\n[proxy]\n[sriov]\ntotal-vfs=4\n",
        5,
        null,
        "",
        "[sriov]\n\n[proxy]\n[sriov]\ntotal-vfs=5\n"
    )]
    [InlineData(
        "[sriov]\ntotal-vfs=2\n\n[proxy]\n",
        2,
        false,
        "",
        "[sriov]\ntotal-vfs=2\nautoprobe-drivers=0\n\n[proxy]\n"
    )]
    [InlineData(
        "[sriov]\ntotal-vfs=2\nautoprobe-drivers=0\n",
        2,
        true,
        "",
        "[sriov]\ntotal-vfs=2\nautoprobe-drivers=1\n"
    )]
    [InlineData(
        "[sriov]\ntotal-vfs=2\n",
        2,
        null,
        "mac=02:00:00:00:00:01 vlan=5 qos=3 spoofchk=off trust=on",
        "[sriov]\ntotal-vfs=2\nvf.1=mac=02:00:00:00:00:01 spoof-check=false trust=true vlans=5.3\n"
    )]
    [InlineData(
        "[sriov]\ntotal-vfs=2\nvf.1=max-tx-rate=100  vlans=7.1 trust=true\n",
        2,
        null,
        "vlan=5 qos=0",
        "[sriov]\ntotal-vfs=2\nvf.1=max-tx-rate=100 vlans=5 trust=true\n"
    )]
    [InlineData(
        "[sriov]\ntotal-vfs=2\nvf.1=vlans=7.1 trust=true\n",
        2,
        null,
        "vlan=0",
        "[sriov]\ntotal-vfs=2\nvf.1=trust=true\n"
    )]
    [InlineData("[connection]\nid=pf\n\n[sriov]\ntotal-vfs=2\nvf.1=trust=true\n", 0, null, "", "[connection]\nid=pf\n")]
    [InlineData(
        "[connection]\nid=pf\n\n[sriov]\ntotal-vfs=2\n\n[proxy]\n",
        0,
        true,
        "",
        "[connection]\nid=pf\n\n[proxy]\n"
    )]
    [InlineData("[sriov]\n# mine\ntotal-vfs=2\n", 0, null, "", "[sriov]\n# mine\n")]
    [InlineData("[sriov]\ntotal-vfs=2\nautoprobe-drivers=0\n", 0, null, "", "[sriov]\nautoprobe-drivers=0\n")]
    [InlineData("[connection]\nid=pf\n", 0, false, "", "[connection]\nid=pf\n")]
    public void A_profile_says_what_is_asked_for_and_keeps_the_rest(
        string text,
        int count,
        bool? bind,
        string settings,
        string expected
    )
    {
        VirtualFunctionRequest request = new("0000:01:00.0", count)
        {
            BindDrivers = bind,
            Index = settings.Length > 0 ? 1 : null,
            Settings = settings
                .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(static word => word.Split('=', 2))
                .ToDictionary(static pair => pair[0], static pair => pair[1]),
        };

        IReadOnlyList<HostChange> changes = Profile(text).Plan(request, count);

        Assert.Equal(
            expected,
            changes is [{ } edit, ..] ? Encoding.Latin1.GetString(edit.Step.Content!.Value.Span) : text
        );
        Assert.Equal(text == expected ? 0 : 2, changes.Count);
        Assert.Empty(Profile(expected).Plan(request, count));
    }

    private static NetworkManagerProfile Profile(string text) => new(new RawFile(Path, Encoding.Latin1.GetBytes(text)));
}
