using NestVirt.Changes;
using NestVirt.Client;

namespace NestVirt.Core.Tests.Lab;

/// <summary>What the real driverctl, dracut and NetworkManager, which Debian has as packages, make of our files at a boot.</summary>
[Trait("Category", "Lab")]
[Collection("LabRestart")]
public sealed class LabBootToolTests
{
    private const string Host = LabHost.Boot;
    private const string Physical = "0000:01:00.0";
    private const string Spare = "0000:04:00.0";
    private const string Profile = "/etc/NetworkManager/system-connections/Physical function.nmconnection";

    // NetworkManager starts when it is installed, and gives every interface an address that it is not told to leave alone.
    private const string Prepare = $$"""
        mkdir -p /etc/NetworkManager/conf.d
        cat >/etc/NetworkManager/conf.d/lab.conf <<END
        [main]
        no-auto-default=*
        [keyfile]
        unmanaged-devices=*,except:mac:$(cat /sys/bus/pci/devices/{{Physical}}/net/*/address)
        END
        """;

    // The initramfs loads kvm_amd itself, and has its options from its own copy of modprobe's files. dracut is what
    // builds it where initramfs-tools has no mkinitramfs. NetworkManager has the physical function alone.
    private const string Use = $$"""
        cat >/etc/dracut.conf.d/lab.conf <<'END'
        hostonly="yes"
        dracutmodules+=" base udev-rules kernel-modules rootfs-block fs-lib "
        add_drivers+=" virtio_pci virtio_blk ext4 "
        force_drivers+=" kvm_amd "
        END
        mkdir /root/initramfs; cp -a /boot/initrd.img-* /root/initramfs
        mv /usr/sbin/mkinitramfs /usr/sbin/mkinitramfs.hidden

        mac=$(cat /sys/bus/pci/devices/{{Physical}}/net/*/address)
        systemctl restart NetworkManager
        nmcli connection add type ethernet ifname '*' mac "$mac" con-name 'Physical function' ipv4.method disabled ipv6.method disabled
        nmcli connection up 'Physical function'
        """;

    private const string Clean = """
        if [ -e /usr/sbin/mkinitramfs.hidden ]; then
          mv /usr/sbin/mkinitramfs.hidden /usr/sbin/mkinitramfs
          cp -a /root/initramfs/* /boot; rm -r /root/initramfs
        fi
        systemctl stop NetworkManager
        dpkg -P --force-depends dracut-core driverctl network-manager libnm0 libndp0 libteamdctl0 libbluetooth3 libmm-glib0 libnewt0.52 >/dev/null 2>&1
        rm -rf /etc/dracut.conf.d /etc/NetworkManager
        sync
        """;

    // The driver and who gave it, nesting, whether kvm_amd was loaded before the root file system was there, and the
    // virtual functions, which NetworkManager makes when it activates the profile.
    private const string Look = $$"""
        basename "$(readlink /sys/bus/pci/devices/{{Spare}}/driver)"
        driverctl list-overrides
        cat /sys/module/kvm_amd/parameters/nested
        dmesg | awk '/Nested Paging/ && !root { print "early" } /EXT4-fs .*mounted/ { root = 1 }'
        nm-online -q -s -t 60
        cat /sys/bus/pci/devices/{{Physical}}/sriov_numvfs
        ip link show dev "$(ls /sys/bus/pci/devices/{{Physical}}/net)" | sed -n 's/.*vf 1 .*\(02:00:00:00:00:07\).*\(vlan 5\).*\(trust on\)/\1 \2 \3/p'
        """;

    private static readonly ChangeScope s_scope = new(StopGuests: false, GuestTimeoutSeconds: 10, Force: false);

    private static readonly ChangeRequest[] s_requests =
    [
        new PciDriverRequest(Spare, "vfio-pci"),
        new NestingRequest(Enable: false),
        new VirtualFunctionRequest(Physical, 2)
        {
            Index = 1,
            Settings = new Dictionary<string, string>
            {
                ["mac"] = "02:00:00:00:00:07",
                ["vlan"] = "5",
                ["trust"] = "on",
            },
        },
    ];

    private readonly HostChanger _changer = HostChangers.Create();

    [Fact]
    public async Task What_driverctl_dracut_and_networkmanager_keep_outlives_a_restart()
    {
        Needs.Lab(Host, LabHost.Packages);
        await LabHost.RunAsync(Host, Prepare);
        await LabHost.InstallAsync(
            Host,
            "driverctl",
            "dracut-core",
            "network-manager",
            "libnm0",
            "libndp0",
            "libteamdctl0",
            "libbluetooth3",
            "libmm-glib0",
            "libnewt0.52"
        );
        try
        {
            await LabHost.RunAsync(Host, Use);
            string profile = await LabHost.RunAsync(Host, $"stat -c '%a %u:%g' '{Profile}'; sha256sum '{Profile}'");
            List<ChangePlan> plans = [];
            foreach (ChangeRequest request in s_requests)
            {
                plans.Add(await _changer.PlanAsync(LabHost.Target(Host), request, CancellationToken.None));
                await _changer.ApplyAsync(plans[^1], CancellationToken.None);
            }

            await LabHost.RestartAsync(LabHost.Target(Host), plans[0].Identity.BootId);
            string restarted = await LabHost.RunAsync(Host, Look);
            foreach (ChangePlan _ in plans)
            {
                PreparedChange back = await _changer.PrepareUndoAsync(
                    LabHost.Target(Host),
                    null,
                    s_scope,
                    CancellationToken.None
                );
                await back.ApplyAsync(CancellationToken.None);
            }

            string undone = await LabHost.RunAsync(Host, Look);

            Assert.Equal($"vfio-pci\n{Spare} vfio-pci\n0\nearly\n2\n02:00:00:00:00:07 vlan 5 trust on\n", restarted);
            Assert.Equal("e1000e\n1\nearly\n0\n", undone);
            Assert.Equal(
                profile,
                await LabHost.RunAsync(Host, $"stat -c '%a %u:%g' '{Profile}'; sha256sum '{Profile}'")
            );
            Assert.Equal("0\n", await LabHost.RunAsync(Host, "lsinitrd /boot/initrd.img-* | grep -c nestvirt || :"));
            Assert.Equal(
                [$"/etc/driverctl.d/pci-{Spare}"],
                plans[0]
                    .Changes.Where(static change => change.TakesEffect == ChangeTiming.NextBoot)
                    .Select(static change => change.Setting)
            );
            Assert.Contains(
                plans[1].Changes,
                static change => change.To?.Contains("dracut", StringComparison.Ordinal) == true
            );
            Assert.DoesNotContain(
                plans[2].Changes,
                static change => change.Setting.Contains("nestvirt", StringComparison.Ordinal)
            );
        }
        finally
        {
            await LabHost.RunAsync(Host, Clean);
        }
    }
}
