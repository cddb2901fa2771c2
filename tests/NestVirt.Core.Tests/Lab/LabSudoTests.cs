using NestVirt.Changes;
using NestVirt.Client;
using NestVirt.Hosts;
using NestVirt.Model;
using NestVirt.Questions;

namespace NestVirt.Core.Tests.Lab;

/// <summary>An account with the real sudo: what root reads and changes, it reads and changes; without the right, nothing.</summary>
[Trait("Category", "Lab")]
[Collection("Lab")]
public sealed class LabSudoTests
{
    private const string AddAccount = """
        id operator1 >/dev/null 2>&1 || useradd -m -p '*' operator1
        mkdir -p ~operator1/.ssh && cp ~/.ssh/authorized_keys ~operator1/.ssh/ && chown -R operator1: ~operator1/.ssh
        """;

    private static readonly HostTarget s_target = Environment.GetEnvironmentVariable(LabHost.Amd) is null
        ? HostTarget.Local
        : LabHost.Target(LabHost.Amd).WithSsh(static ssh => ssh with { UserName = "operator1" });

    private readonly HostChanger _changer = HostChangers.Create();

    [Fact]
    public async Task An_account_changes_and_undoes_through_sudo_as_far_as_it_is_allowed()
    {
        Needs.Lab(LabHost.Amd, LabHost.Packages);
        await LabHost.InstallAsync(LabHost.Amd, "sudo");
        await LabHost.RunAsync(LabHost.Amd, AddAccount);
        try
        {
            await LabHost.RunAsync(LabHost.Amd, "echo 'operator1 ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/operator1");
            PreparedChange off = await _changer.PrepareAsync(
                s_target,
                new NestingRequest(Enable: false),
                CancellationToken.None
            );
            ChangeResult result = await off.ApplyAsync(CancellationToken.None);
            Assert.Equal((ChangeState.InEffect, "0\n"), (result.State, await NestedAsync()));
            Assert.Equal(
                "root:root 700\n",
                await LabHost.RunAsync(LabHost.Amd, "stat -c '%U:%G %a' /var/lib/nestvirt/journal")
            );

            PreparedChange back = await _changer.PrepareUndoAsync(
                s_target,
                null,
                new ChangeScope(StopGuests: false, 30, Force: false),
                CancellationToken.None
            );
            Assert.Equal(ChangeState.Undone, (await back.ApplyAsync(CancellationToken.None)).State);
            Assert.Equal("1\n", await NestedAsync());
            List<IommuGroup> groups = await HostQueries
                .Ask(HostQuestions.IommuGroups)
                .RunAsync(s_target, CancellationToken.None)
                .ToListAsync();
            Assert.Contains(groups.SelectMany(static group => group.Devices), static device => device.Acs is not null);

            await LabHost.RunAsync(LabHost.Amd, "echo 'operator1 ALL=(ALL) ALL' >/etc/sudoers.d/operator1");
            NestVirtException denied = await Assert.ThrowsAsync<NestVirtException>(() =>
                _changer.PrepareAsync(s_target, new NestingRequest(Enable: false), CancellationToken.None)
            );
            Assert.Equal(NestVirtErrorKind.HostPermissionDenied, denied.Kind);
            await ChangeAndUndoAsync();
        }
        finally
        {
            await LabHost.RunAsync(
                LabHost.Amd,
                "rm -f /etc/sudoers.d/operator1; SUDO_FORCE_REMOVE=yes dpkg -P sudo >/dev/null 2>&1; userdel -r operator1 2>/dev/null; true"
            );
        }
    }

    // The way back is asked of the host anew, and so is sudo.
    private async Task ChangeAndUndoAsync()
    {
        const string Password = "a-password-of-sudo";
        await LabHost.RunAsync(LabHost.Amd, $"echo 'operator1:{Password}' | chpasswd");
        using HostSecret secret = new(Password);
        HostTarget target = s_target with { SudoPassword = secret };
        PreparedChange off = await _changer.PrepareAsync(
            target,
            new NestingRequest(Enable: false),
            CancellationToken.None
        );
        ChangeResult result = await off.ApplyAsync(CancellationToken.None);
        Assert.Equal((ChangeState.InEffect, "0\n"), (result.State, await NestedAsync()));
        PreparedChange back = await _changer.PrepareUndoAsync(
            target,
            null,
            new ChangeScope(StopGuests: false, 30, Force: false),
            CancellationToken.None
        );
        Assert.Equal(ChangeState.Undone, (await back.ApplyAsync(CancellationToken.None)).State);
        Assert.Equal("1\n", await NestedAsync());
        Assert.Equal(
            string.Empty,
            await LabHost.RunAsync(
                LabHost.Amd,
                $"grep -rls {Password} /var/lib/nestvirt /var/log /run/nestvirt /etc/modprobe.d || :"
            )
        );
    }

    private static Task<string> NestedAsync() =>
        LabHost.RunAsync(LabHost.Amd, "cat /sys/module/kvm_amd/parameters/nested");
}
