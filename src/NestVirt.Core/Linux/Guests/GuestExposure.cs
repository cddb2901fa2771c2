using NestVirt.Linux.Machine;
using NestVirt.Model;

namespace NestVirt.Linux.Guests;

/// <summary>Whether a definition gives the virtualization extension, on a host.</summary>
/// <param name="IsAsked">Whether the definition asks for it; null where that cannot be told.</param>
/// <param name="IsGiven">Whether a guest that runs with it sees the extension; null where that cannot be told.</param>
/// <param name="Why">What decides it, as the host has it, or why it cannot be told.</param>
internal sealed record GuestExposure(bool? IsAsked, bool? IsGiven, string Why)
{
    private const string Svm = "svm";

    /// <summary>Weighs a definition.</summary>
    /// <remarks>
    /// With KVM, QEMU turns svm off in every named model unless it is asked for (kvm_default_props in target/i386/kvm/kvm-cpu.c), and
    /// none of its models has vmx by itself, as none in libvirt's cpu_map has; host and max have what KVM has. What host-model stands for
    /// is in the domain capabilities. libvirt itself takes svm as a part of AMD's models, so where these do not name it nothing is told.
    /// </remarks>
    /// <param name="domain">The definition.</param>
    /// <param name="host">The host.</param>
    /// <returns>What it gives.</returns>
    internal static GuestExposure Of(DomainDefinition domain, GuestHost host)
    {
        if (domain.HasOwnCpuWords)
        {
            return Unknown("words for QEMU's command line choose the processor past libvirt: -cpu");
        }

        if (!KvmArchitecture.IsX86(domain.Architecture))
        {
            return Unknown(OtherArchitecture(domain.Architecture));
        }

        if (domain.Type == "qemu")
        {
            return Emulated(domain);
        }

        if (domain.Type != "kvm")
        {
            return Unknown($"the domain is of the type {domain.Type ?? "of none"}, and not of KVM");
        }

        if (host.Extension is not { } extension)
        {
            return Unknown("which processor the host has is not known");
        }

        (bool? isAsked, string why) = Asked(domain, extension, host);
        bool? isGiven = (isAsked, host.Nesting) switch
        {
            (false, _) or (_, NestedState.Off or NestedState.NotApplicable) => false,
            (true, NestedState.On) => true,
            _ => null,
        };
        return new GuestExposure(isAsked, isGiven, why);
    }

    private static (bool? IsAsked, string Why) Asked(DomainDefinition domain, string extension, GuestHost host)
    {
        if (domain.Find(extension) is { } feature)
        {
            return (feature.IsWanted, feature.ToString());
        }

        switch (domain.Mode)
        {
            case "host-passthrough" or "maximum":
                return (true, $"<cpu mode='{domain.Mode}'>");
            case "host-model" when host.Capabilities is { } capabilities && capabilities.AreOf(domain):
                CpuFeature? part = capabilities.HostModel.LastOrDefault(known => known.Name == extension);
                return part is not null
                        ? (part.IsWanted, $"<cpu mode='host-model'>, for which domcapabilities has {part}")
                    : extension == Svm
                        ? (
                            null,
                            "<cpu mode='host-model'>: libvirt takes svm as a part of the model, and QEMU leaves it out unless it is asked for by name"
                        )
                    : (false, $"<cpu mode='host-model'>, for which domcapabilities has no {extension}");
            case "host-model":
                return (
                    null,
                    "<cpu mode='host-model'>: what that stands for is in the domain capabilities, which libvirt tells root alone"
                );
            case "custom":
                return (
                    false,
                    $"<cpu mode='custom'> with the model {domain.Model ?? "that is the default"}, and no {extension}"
                );
            case null:
                return (false, "no <cpu>");
            default:
                return (null, $"<cpu mode='{domain.Mode}'>");
        }
    }

    // TCG emulates svm and no vmx (target/i386/cpu.c: TCG_EXT_FEATURES has no VMX, TCG_EXT3_FEATURES has SVM).
    private static GuestExposure Emulated(DomainDefinition domain) =>
        domain.Find(Svm) is { } feature ? new GuestExposure(feature.IsWanted, feature.IsWanted, feature.ToString())
        : domain.Find("vmx") is { IsWanted: true } vmx
            ? new GuestExposure(true, false, $"{vmx}, which QEMU does not emulate")
        : Unknown("without KVM, whether a model has svm is a matter of QEMU's own list of models");

    private static GuestExposure Unknown(string why) => new(null, null, why);

    private static string OtherArchitecture(string? architecture) =>
        architecture switch
        {
            "s390x" or "s390" => "on s390x a guest nests by the feature sie of its processor, which is not weighed",
            "ppc64" or "ppc64le" =>
                "on POWER a guest nests by the feature nested-hv of its machine, which is not weighed",
            "aarch64" => "on Arm a guest nests by the option virtualization of its machine, which is not weighed",
            null => "its architecture is not told",
            _ => "on this architecture nothing is known of guests that nest",
        };
}
