using NestVirt.Linux.Files;
using NestVirt.Probing;
using NestVirt.Text;
using NestVirt.Transport.Recorded;

namespace NestVirt.Linux.Kvm;

/// <summary>A process that uses /dev/kvm.</summary>
/// <param name="ProcessId">Its number.</param>
/// <param name="Command">Its name as the kernel keeps it.</param>
/// <param name="Guest">The libvirt guest that it runs, or null.</param>
internal sealed record KvmUser(string ProcessId, string Command, string? Guest)
{
    /// <summary>What is written behind the number of a process that has no virtual machine.</summary>
    internal const string NoGuest = ", no guest)";

    /// <summary>Gets a value indicating whether it has a virtual machine open; null where nobody looked.</summary>
    internal bool? HasMachine { get; init; }

    /// <summary>Gets a value indicating whether it runs a guest, of libvirt or not.</summary>
    internal bool RunsGuest => Guest is not null || HasMachine == true;

    /// <inheritdoc/>
    public override string ToString() =>
        Guest is not null
            ? $"guest {HostText.ForDisplay(Guest, 60)}"
            : $"{HostText.ForDisplay(Command, 40)} (process {ProcessId}{(HasMachine == false ? NoGuest : ")")}";
}

/// <summary>Finds the processes that keep KVM's modules from being unloaded; starts five programs.</summary>
internal static class KvmUsersProbe
{
    /// <summary>The names of what KVM's modules are held by, as <see cref="OpenFiles"/> wants them.</summary>
    internal const string Files = @"^(/dev/kvm$|anon_inode:\[?kvm-v)";

    /// <summary>The names of virtual machines and their processors among these (virt/kvm/kvm_main.c: kvm_dev_ioctl_create_vm, create_vcpu_fd).</summary>
    internal const string Machines = @"^anon_inode:\[?kvm-v";

    private const string Name = "kvmusers";

    /// <summary>Gets the probe.</summary>
    /// <remarks>libvirt's driver for QEMU keeps the number of each guest's process in /run/libvirt/qemu/NAME.pid.</remarks>
    public static ShellProbe Probe { get; } =
        new(
            Name,
            OpenFiles.Script
                + $$"""
                [ -z "$NESTVIRT_ROOT" ] || return 0
                nv_process=
                nv_open_once
                printf '%s\n' "$nv_opened_once" | while read -r p f; do
                  case $f in
                    anon_inode:kvm-v* | anon_inode:\[kvm-v*) printf 'machine\t%s\n' "$p" ;;
                    /dev/kvm) ;;
                    *) continue ;;
                  esac
                  [ "$p" != "$nv_process" ] || continue
                  nv_process=$p
                  nv_read "/proc/$p/comm" || nv_value='?'
                  printf 'user\t%s\t%s\n' "$p" "$nv_value"
                done
                for f in /run/libvirt/qemu/*.pid; do
                  case $f in *'
                '*) continue ;; esac
                  nv_read "$f" || continue
                  g=${f##*/}
                  printf 'guest\t%s\t%s\n' "$nv_value" "${g%.pid}"
                done
                """
        )
        {
            NeedsRoot = true,
        };

    /// <summary>Reads what the probe printed.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <returns>The processes; null when nobody could look.</returns>
    /// <exception cref="ProbeFormatException">A line is not of the probe's form.</exception>
    public static IReadOnlyList<KvmUser>? Read(ProbeAnswers answers)
    {
        ProbeAnswer answer = answers[Probe];
        if (!answer.IsAvailable)
        {
            return null;
        }

        ProbeListing listing = ProbeListing.Parse(Name, answer.Text);
        Dictionary<string, string> guests = new(StringComparer.Ordinal);
        foreach (
            string[] words in listing
                .Facts.Where(static fact => fact.Name == "guest")
                .Select(static fact => fact.Value.Split('\t', 2))
        )
        {
            guests[words[0].Trim()] = words[^1];
        }

        HashSet<string> machines = new(
            listing.Facts.Where(static fact => fact.Name == "machine").Select(static fact => fact.Value),
            StringComparer.Ordinal
        );
        return
        [
            .. listing
                .Facts.Where(static fact => fact.Name == "user")
                .Select(static fact => fact.Value.Split('\t', 2))
                .Select(words => new KvmUser(words[0], words[^1], guests.GetValueOrDefault(words[0]))
                {
                    HasMachine = machines.Contains(words[0]),
                }),
        ];
    }
}
