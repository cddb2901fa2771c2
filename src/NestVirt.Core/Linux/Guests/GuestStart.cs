using NestVirt.Linux.Machine;
using NestVirt.Model;

namespace NestVirt.Linux.Guests;

/// <summary>Finds in a definition what keeps libvirt from starting it here, as far as its processor goes.</summary>
internal static class GuestStart
{
    /// <summary>Finds what stands against a start.</summary>
    /// <remarks>
    /// libvirt compares the processor of a mode custom with the host's before a start, unless check is none ("Host CPU does not provide
    /// required features"); with host-passthrough QEMU alone looks, and warns. forbid refuses a start where the host has the feature.
    /// </remarks>
    /// <param name="domain">The definition.</param>
    /// <param name="host">The host.</param>
    /// <returns>What stands against it, as the host has it; null where nothing does, or where that is not known.</returns>
    internal static string? Obstacle(DomainDefinition domain, GuestHost host)
    {
        if (domain.Type != "kvm" || !KvmArchitecture.IsX86(domain.Architecture) || domain.HasOwnCpuWords)
        {
            return null;
        }

        if (host.HasKvm == false)
        {
            return "<domain type='kvm'>, and the host has no /dev/kvm";
        }

        DomainCapabilities? capabilities = host.Capabilities is { } known && known.AreOf(domain) ? known : null;
        if (domain.Mode is { } mode && capabilities?.Modes.GetValueOrDefault(mode, true) == false)
        {
            return $"<cpu mode='{mode}'>, which domcapabilities does not support";
        }

        if (domain.Mode != "custom" || domain.Check == "none")
        {
            return null;
        }

        return Missing(domain, host) ?? Unusable(domain, capabilities);
    }

    private static string? Missing(DomainDefinition domain, GuestHost host)
    {
        bool isOff = host.Nesting is NestedState.Off or NestedState.NotApplicable;
        if (host.Extension is not { } extension || host.ForeignExtension is not { } foreign)
        {
            return null;
        }

        return domain.Find(extension) switch
        {
            { Policy: "require" } feature when isOff => $"{feature}, and the host does not nest",
            { Policy: "forbid" } feature when host.Nesting == NestedState.On => $"{feature}, and the host nests",
            _ => domain.Find(foreign) is { Policy: "require" } other ? $"{other}, and the host has {extension}" : null,
        };
    }

    private static string? Unusable(DomainDefinition domain, DomainCapabilities? capabilities)
    {
        if (domain.Model is not { } model || capabilities?.Models.GetValueOrDefault(model, true) != false)
        {
            return null;
        }

        string[] left =
        [
            .. capabilities
                .Blockers.GetValueOrDefault(model, [])
                .Where(name => domain.Find(name) is not { Policy: "disable" }),
        ];
        bool hasList = capabilities.Blockers.ContainsKey(model);
        return hasList
            ? left.Length > 0
                ? $"domcapabilities: the model {model} is not usable, for want of {string.Join(", ", left.Take(8))}"
                : null
            : domain.Features.Any(static feature => feature.Policy == "disable")
                ? null
                : $"domcapabilities: the model {model} is not usable";
    }
}
