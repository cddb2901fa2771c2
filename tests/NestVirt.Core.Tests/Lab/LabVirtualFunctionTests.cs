using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;

namespace NestVirt.Core.Tests.Lab;

/// <summary>Makes virtual functions of a real SR-IOV device with a real driver, and takes them back.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabVirtualFunctionTests
{
    private const string Look = """
        for f in /sys/bus/pci/devices/*/sriov_numvfs; do printf '%s ' "$(cat "$f")"; done
        ls -d /etc/nestvirt /etc/systemd/system/*nestvirt* /etc/systemd/system/*/*nestvirt* 2>/dev/null | wc -l
        """;

    private readonly HostChanger _changer = HostChangers.Create();
    private static HostTarget Target => LabHost.Target(LabHost.Amd);

    [Fact]
    public async Task Functions_are_made_resized_refused_while_held_and_undone()
    {
        Needs.Lab(LabHost.Amd);
        string address = await AddressAsync();
        string before = await LabHost.RunAsync(LabHost.Amd, Look);

        ChangeResult made = await ApplyAsync(new VirtualFunctionRequest(address, 3));
        ChangeResult resized = await ApplyAsync(new VirtualFunctionRequest(address, 2));
        string number = await LabHost.RunAsync(
            LabHost.Amd,
            $"cat /sys/bus/pci/devices/{address}/sriov_numvfs; ls -d /sys/bus/pci/devices/{address}/virtfn* | wc -l"
        );
        string refusal = await HeldAsync(address);
        await UndoAsync();
        string three = await LabHost.RunAsync(LabHost.Amd, $"cat /sys/bus/pci/devices/{address}/sriov_numvfs");
        await UndoAsync();

        Assert.Equal((ChangeState.InEffect, ChangeState.InEffect), (made.State, resized.State));
        Assert.Equal("2\n2\n", number);
        Assert.Equal("VirtualFunctionHeld", refusal);
        Assert.Equal("3\n", three);
        Assert.Equal(before, await LabHost.RunAsync(LabHost.Amd, Look));
    }

    [Fact]
    public async Task The_unit_makes_them_and_gives_them_settings()
    {
        Needs.Lab(LabHost.Amd);
        string address = await AddressAsync();
        string before = await LabHost.RunAsync(LabHost.Amd, Look);
        VirtualFunctionRequest request = new(address, 2)
        {
            Index = 1,
            Settings = new Dictionary<string, string>
            {
                ["mac"] = "02:00:00:00:00:07",
                ["vlan"] = "5",
                ["spoofchk"] = "off",
                ["trust"] = "on",
            },
        };

        ChangeResult result = await ApplyAsync(request);
        string shown = await LabHost.RunAsync(
            LabHost.Amd,
            $"ip link show dev $(ls /sys/bus/pci/devices/{address}/net)"
        );
        string again = await LabHost.RunAsync(
            LabHost.Amd,
            $"""
            echo 0 >/sys/bus/pci/devices/{address}/sriov_numvfs
            systemctl daemon-reload; systemctl is-enabled nestvirt-sriov; systemctl start nestvirt-sriov; systemctl stop nestvirt-sriov
            cat /sys/bus/pci/devices/{address}/sriov_numvfs
            ip link show dev $(ls /sys/bus/pci/devices/{address}/net)
            """
        );
        await ApplyAsync(new VirtualFunctionRequest(address, 3));
        string resized = await LabHost.RunAsync(
            LabHost.Amd,
            $"ip link show dev $(ls /sys/bus/pci/devices/{address}/net)"
        );
        await UndoAsync();
        string back = await LabHost.RunAsync(LabHost.Amd, $"ip link show dev $(ls /sys/bus/pci/devices/{address}/net)");
        await UndoAsync();

        Assert.Equal(ChangeState.InEffect, result.State);
        Assert.Matches("vf 1 .*02:00:00:00:00:07.*vlan 5.*spoof checking off.*trust on", resized);
        Assert.Contains("vf 2 ", resized, StringComparison.Ordinal);
        Assert.Matches("vf 1 .*02:00:00:00:00:07.*vlan 5.*spoof checking off.*trust on", back);
        Assert.Matches("vf 1 .*02:00:00:00:00:07.*vlan 5.*spoof checking off.*trust on", shown);
        Assert.StartsWith("enabled\n2\n", again, StringComparison.Ordinal);
        Assert.Matches("vf 1 .*02:00:00:00:00:07.*vlan 5.*spoof checking off.*trust on", again);
        Assert.Equal(before, await LabHost.RunAsync(LabHost.Amd, Look));
    }

    [Fact]
    public async Task Networkd_sets_what_its_own_file_says_of_a_function()
    {
        Needs.Lab(LabHost.Amd);
        const string File = "/etc/systemd/network/50-lab.network";
        string address = await AddressAsync();
        string take = $"""
            net=$(ls /sys/bus/pci/devices/{address}/net); networkctl reload; networkctl reconfigure "$net"
            for i in $(seq 60); do networkctl status "$net" | grep -q '(configured)' && break; sleep 1; done
            """;

        // networkd gives an interface up whose file names a function that it does not have.
        await ApplyAsync(new VirtualFunctionRequest(address, 2));
        await LabHost.RunAsync(
            LabHost.Amd,
            $"""
            net=$(ls /sys/bus/pci/devices/{address}/net)
            printf '[Match]\nName=%s\n[Network]\nLinkLocalAddressing=no\n\n[SR-IOV]\nVirtualFunction=1\nVLANId=9\n' "$net" >{File}
            {take}
            """
        );
        string before = await LabHost.RunAsync(LabHost.Amd, $"sha256sum {File}");
        try
        {
            await ApplyAsync(
                new VirtualFunctionRequest(address, null)
                {
                    Index = 1,
                    Settings = new Dictionary<string, string> { ["vlan"] = "5", ["trust"] = "on" },
                }
            );
            string shown = await LabHost.RunAsync(
                LabHost.Amd,
                $"""
                ip link set dev "$(ls /sys/bus/pci/devices/{address}/net)" vf 1 vlan 0 trust off
                {take}
                ip link show dev "$net"
                """
            );
            string ours = await LabHost.RunAsync(LabHost.Amd, $"cat {File} /etc/nestvirt/sriov.conf");
            await UndoAsync();

            Assert.Matches("vf 1 .*vlan 5.*trust on", shown);
            Assert.Contains("VirtualFunction=1\nVLANId=5\nTrust=yes\n", ours, StringComparison.Ordinal);
            Assert.DoesNotContain(" vf 1 ", ours, StringComparison.Ordinal);
            Assert.Equal(before, await LabHost.RunAsync(LabHost.Amd, $"sha256sum {File}"));
        }
        finally
        {
            await LabHost.RunAsync(LabHost.Amd, $"rm -f {File}; networkctl reload");
            await UndoAsync();
        }
    }

    [Fact]
    public async Task A_function_held_when_its_making_is_undone_stays()
    {
        Needs.Lab(LabHost.Amd);
        string address = await AddressAsync();
        await ApplyAsync(new VirtualFunctionRequest(address, 2));
        NestVirtException? error = null;
        await WhileHeldAsync(address, async () => error = await Assert.ThrowsAsync<NestVirtException>(UndoAsync));
        string held = await LabHost.RunAsync(
            LabHost.Amd,
            $"cat /sys/bus/pci/devices/{address}/sriov_numvfs; grep -c count /etc/nestvirt/sriov.conf"
        );
        await UndoAsync();

        Assert.Equal(NestVirtErrorKind.ChangeRefused, error!.Kind);
        Assert.Contains("nothing was done", error.Message, StringComparison.Ordinal);
        Assert.Contains("/dev/vfio/", error.Message, StringComparison.Ordinal);
        Assert.Equal("2\n1\n", held);
        Assert.Equal("0\n", await LabHost.RunAsync(LabHost.Amd, $"cat /sys/bus/pci/devices/{address}/sriov_numvfs"));
    }

    private static async Task<string> AddressAsync() =>
        (
            await LabHost.RunAsync(
                LabHost.Amd,
                """
                for f in /sys/bus/pci/devices/*/sriov_totalvfs; do d=${f%/*}; [ -d "$d/net" ] && echo "${d##*/}" && break; done
                """
            )
        ).Trim();

    private async Task<string> HeldAsync(string address)
    {
        ChangeRefusedException? error = null;
        await WhileHeldAsync(
            address,
            async () =>
                error = await Assert.ThrowsAsync<ChangeRefusedException>(() =>
                    _changer.PlanAsync(Target, new VirtualFunctionRequest(address, 4), CancellationToken.None)
                )
        );
        return error!.Reasons[0].Code;
    }

    // Binds the first function to vfio-pci and has a process keep its group open.
    private static async Task WhileHeldAsync(string address, Func<Task> action)
    {
        await LabHost.RunAsync(
            LabHost.Amd,
            $$"""
            modprobe vfio-pci
            v=$(basename $(readlink /sys/bus/pci/devices/{{address}}/virtfn0)); d=/sys/bus/pci/devices/$v
            echo vfio-pci >$d/driver_override
            [ ! -e $d/driver ] || echo $v >$d/driver/unbind
            echo $v >/sys/bus/pci/drivers_probe
            g=$(basename $(readlink $d/iommu_group))
            sleep 600 <>/dev/vfio/$g >/dev/null 2>&1 & echo $! >/run/lab-holder
            """
        );
        try
        {
            await action();
        }
        finally
        {
            await LabHost.RunAsync(
                LabHost.Amd,
                """
                kill $(cat /run/lab-holder); rm /run/lab-holder
                """
            );
        }
    }

    private async Task<ChangeResult> ApplyAsync(VirtualFunctionRequest request) =>
        await _changer.ApplyAsync(
            await _changer.PlanAsync(Target, request, CancellationToken.None),
            CancellationToken.None
        );

    private async Task UndoAsync()
    {
        JournalEntry entry = (await _changer.ReadJournalAsync(Target, CancellationToken.None)).First(static entry =>
            entry.CanUndo
        );
        await _changer.UndoAsync(entry, new ChangeScope(StopGuests: false, 10, Force: false), CancellationToken.None);
    }
}
