using System.Globalization;

namespace NestVirt.Linux.DomainXml;

/// <summary>What Windows wants of KVM when it runs Hyper-V.</summary>
/// <remarks>
/// QEMU's docs/system/i386/hyperv.rst recommends all of them but those for debugging; a nested Hyper-V uses timers in direct mode only.
/// Left out are reset, which today's Windows does not use, reenlightenment, with which a guest moves to hosts with the same clock only,
/// and what came in later versions than libvirt 7.1. The timer is what libvirt demands for stimer (qemuValidateDomainDefHypervFeatures).
/// </remarks>
internal static class WindowsEnlightenments
{
    // Spins before the hypervisor is told; libvirt takes no fewer than 4095.
    private const string Retries = "8191";
    private const int FewestRetries = 4095;
    private const string On = "on";

    private static readonly string[] s_names =
    [
        "relaxed",
        "vapic",
        "spinlocks",
        "vpindex",
        "runtime",
        "synic",
        "stimer",
        "frequencies",
        "tlbflush",
        "ipi",
    ];

    private static readonly string[] s_order =
    [
        "relaxed",
        "vapic",
        "spinlocks",
        "vpindex",
        "runtime",
        "synic",
        "stimer",
        "reset",
        "vendor_id",
        "frequencies",
        "reenlightenment",
        "tlbflush",
        "ipi",
        "evmcs",
    ];

    private static readonly string[] s_beforeHyperv = ["acpi", "apic", "pae", "hap", "viridian", "privnet"];

    /// <summary>Adds what is missing.</summary>
    /// <param name="edit">The definition.</param>
    /// <param name="isIntel">Whether the host's processor is one of Intel, which evmcs is for.</param>
    public static void Add(DomainEdit edit, bool isIntel)
    {
        DomainElement features = edit.Need("features");
        if (features.Find("hyperv") is null)
        {
            edit.Insert(features, "hyperv", [("mode", "custom")], s_beforeHyperv);
        }

        // In passthrough, all that KVM has is on, and nothing is named.
        if (Hyperv(edit).Value("mode") is null or "custom")
        {
            foreach (string name in isIntel ? [.. s_names, "evmcs"] : s_names)
            {
                Switch(edit, name);
            }

            SetRetries(edit);
            SwitchDirectTimers(edit);
        }

        AddTimer(edit);
    }

    private static DomainElement Hyperv(DomainEdit edit) => edit.Root.Find("features", "hyperv")!;

    private static void Switch(DomainEdit edit, string name)
    {
        if (Hyperv(edit).Find(name) is not { } element)
        {
            edit.Insert(Hyperv(edit), name, [("state", On)], s_order.AsSpan(0, Array.IndexOf(s_order, name)));
            edit.Note($"Hyper-V {name}", null, On);
        }
        else if (element.Value("state") is not On)
        {
            edit.Note($"Hyper-V {name}", element.Value("state"), On);
            edit.SetAttribute(element, "state", On);
        }
    }

    private static void SetRetries(DomainEdit edit)
    {
        DomainElement spinlocks = Hyperv(edit).Find("spinlocks")!;
        string? from = spinlocks.Value("retries");
        if (
            !uint.TryParse(from, NumberStyles.None, CultureInfo.InvariantCulture, out uint retries)
            || retries < FewestRetries
        )
        {
            edit.SetAttribute(spinlocks, "retries", Retries, "state");
            edit.Note("Hyper-V spinlocks retries", from, Retries);
        }
    }

    private static void SwitchDirectTimers(DomainEdit edit)
    {
        const string Setting = "Hyper-V stimer direct";
        DomainElement timers = Hyperv(edit).Find("stimer")!;
        if (timers.Find("direct") is not { } direct)
        {
            edit.Insert(timers, "direct", [("state", On)]);
            edit.Note(Setting, null, On);
        }
        else if (direct.Value("state") is not On)
        {
            edit.SetAttribute(direct, "state", On);
            edit.Note(Setting, direct.Value("state"), On);
        }
    }

    private static void AddTimer(DomainEdit edit)
    {
        const string Name = "hypervclock";
        DomainElement clock = edit.Need("clock", ("offset", "utc"));
        DomainElement? timer = clock.All("timer").FirstOrDefault(static timer => timer.Value("name") == Name);
        if (timer is null)
        {
            edit.Insert(clock, "timer", [("name", Name), ("present", "yes")], "timer");
        }
        else if (timer.Value("present") is not "no")
        {
            return;
        }
        else
        {
            edit.SetAttribute(timer, "present", "yes");
        }

        edit.Note($"timer {Name}", timer?.Value("present"), "yes");
    }
}
