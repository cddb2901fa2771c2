using NestVirt.Linux.Machine;
using NestVirt.Model;

namespace NestVirt.Linux.Guests;

/// <summary>Finds in a definition what keeps libvirt from starting it here, as far as its processor goes.</summary>
internal static class GuestStart
{
    private const string None = "none";
    private const string Full = "full";

    /// <summary>Finds what stands against a start.</summary>
    /// <remarks>
    /// Before a start libvirt compares the processor with what CPUID of the host has (check='partial', which is the default of the modes
    /// custom and host-model): nesting does not matter to that, and a forbidden feature that the host has is refused. After it,
    /// check='full' compares with what QEMU gave. With check='none', the default of host-passthrough and maximum, QEMU warns and leaves
    /// out what KVM has not. Seen on a host with libvirt 9.0 and QEMU 7.2, with nesting on and off; formatdomain has the words.
    /// </remarks>
    /// <param name="domain">The definition.</param>
    /// <param name="host">The host.</param>
    /// <returns>What stands against it, as the host has it; null where nothing does, or where that is not known.</returns>
    internal static string? Obstacle(DomainDefinition domain, GuestHost host)
    {
        if (domain.Type != "kvm" || !KvmArchitecture.IsX86(domain.Architecture) || domain.OwnCpuWord is not null)
        {
            return null;
        }

        if (host.HasKvm == false)
        {
            return "<domain type='kvm'>, and the host has no /dev/kvm";
        }

        if (domain.Mode is { } mode && CapabilitiesFor(domain, host)?.Modes.GetValueOrDefault(mode, true) == false)
        {
            return $"<cpu mode='{mode}'>, which domcapabilities does not support";
        }

        string check = CheckOf(domain);
        return check == None ? null : AgainstFeatures(domain, host, check) ?? AgainstVendor(domain, host.Vendor);
    }

    /// <summary>Finds what QEMU says that it cannot give of a definition's model.</summary>
    /// <remarks>
    /// libvirt compares by its own list of what belongs to a model, or in part by QEMU's (the models without check='compat' of its
    /// cpu_map, since 11.0); one of the two may have what the other has not, so that a start may be refused or not.
    /// </remarks>
    /// <param name="domain">The definition.</param>
    /// <param name="host">The host.</param>
    /// <returns>What is wanting; null where nothing is, or where that is not known or not looked at.</returns>
    internal static string? Doubt(DomainDefinition domain, GuestHost host)
    {
        if (
            domain is not { Type: "kvm", Mode: "custom", Model: { } model, OwnCpuWord: null }
            || domain.IsOfHostModel
            || CheckOf(domain) == None
            || CapabilitiesFor(domain, host) is not { } capabilities
            || capabilities.Models.GetValueOrDefault(model, true)
        )
        {
            return null;
        }

        if (!capabilities.Blockers.TryGetValue(model, out IReadOnlyList<string>? blockers))
        {
            return $"domcapabilities: the model {model} is not usable";
        }

        string[] left =
        [
            .. blockers.Where(name => domain.Find(name) is not { Policy: "disable" or "optional" or "force" }),
        ];
        return left.Length == 0
            ? null
            : $"domcapabilities: the model {model} is not usable, for want of {string.Join(", ", left.Take(8))}";
    }

    // What a mode has where nothing is said.
    private static string CheckOf(DomainDefinition domain) =>
        domain.Check ?? (domain.Mode is null or "host-passthrough" or "maximum" ? None : "partial");

    private static DomainCapabilities? CapabilitiesFor(DomainDefinition domain, GuestHost host) =>
        host.Capabilities is { } known && known.AreOf(domain) ? known : null;

    private static string? AgainstFeatures(DomainDefinition domain, GuestHost host, string check)
    {
        if (host.Extension is not { } extension || host.ForeignExtension is not { } foreign)
        {
            return null;
        }

        bool isOff = host.Nesting is NestedState.Off or NestedState.NotApplicable;
        bool isCompared = domain.Mode is "custom" or "host-model";
        return domain.Find(extension) switch
            {
                { Policy: "forbid" } feature when isCompared => $"{feature}, and the host's processors have it",
                { Policy: "require" } feature when isOff && check == Full => $"{feature}, and the host does not nest",
                _ => null,
            }
            ?? (
                (isCompared || check == Full) && domain.Find(foreign) is { Policy: "require" } other
                    ? $"{other}, and the host's processors have {extension}"
                    : null
            );
    }

    private static string? AgainstVendor(DomainDefinition domain, string? vendor) =>
        vendor is not null && domain is { Mode: "custom", Vendor: "Intel" or "AMD" } && domain.Vendor != vendor
            ? $"<vendor>{domain.Vendor}</vendor>, and the host's processors are of {vendor}"
            : null;
}
