using System.Globalization;
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
    /// With KVM, QEMU turns svm off in every named model unless it is asked for (kvm_default_props in target/i386/kvm/kvm-cpu.c), but
    /// for Ubuntu's, which gives it (ubuntu/enable-svm-by-default.patch), and for machines before 2.2 (hw/i386/pc_piix.c). None of its
    /// models has vmx by itself. host and max have what KVM has. host-model is made of the domain capabilities; where these do not name
    /// svm it is a part of the model for libvirt, and so left to QEMU. A match of minimum is a host-model (virCPUUpdate in libvirt).
    /// Once a guest runs, libvirt has written into its definition (check='full') whatever the processor has other than the model.
    /// All this was seen on a host with libvirt 9.0 and QEMU 7.2, but for Ubuntu's and the old machines.
    /// </remarks>
    /// <param name="domain">The definition.</param>
    /// <param name="host">The host.</param>
    /// <param name="isRunning">Whether it is the one in effect of a guest that runs.</param>
    /// <returns>What it gives.</returns>
    internal static GuestExposure Of(DomainDefinition domain, GuestHost host, bool isRunning)
    {
        if (domain.OwnCpuWord is { } word)
        {
            return Unknown($"words for QEMU's command line may choose the processor past libvirt: {word}");
        }

        if (!KvmArchitecture.IsX86(domain.Architecture))
        {
            return Unknown(OtherArchitecture(domain.Architecture));
        }

        if (domain.Type == "qemu")
        {
            return Emulated(domain, isRunning);
        }

        if (domain.Type != "kvm")
        {
            return Unknown($"the domain is of the type {domain.Type ?? "of none"}, and not of KVM");
        }

        if (host.Extension is not { } extension)
        {
            return Unknown("which processor the host has is not known");
        }

        (bool? isAsked, string why) = Asked(domain, extension, host, isRunning);
        bool? isGiven = (isAsked, host.Nesting) switch
        {
            (false, _) or (_, NestedState.Off or NestedState.NotApplicable) => false,
            (true, NestedState.On) => true,
            _ => null,
        };
        return new GuestExposure(isAsked, isGiven, why);
    }

    /// <summary>Weighs what KVM has counted: who runs guests of its own sees the extension, whatever the definition was taken for.</summary>
    /// <param name="use">What was counted, of a guest that has run some.</param>
    /// <returns>This where it says so, too.</returns>
    internal GuestExposure Proven(GuestUse use) =>
        IsGiven == true
            ? this
            : new GuestExposure(
                true,
                true,
                use.RunCount is { } count
                    ? string.Create(CultureInfo.InvariantCulture, $"nested_run: {count}")
                    : "guest_mode: 1"
            );

    private static (bool? IsAsked, string Why) Asked(
        DomainDefinition domain,
        string extension,
        GuestHost host,
        bool isRunning
    ) =>
        domain.Find(extension) is { } feature ? (feature.IsWanted, feature.ToString())
        : domain.Mode is "host-passthrough" or "maximum" ? (true, domain.CpuText)
        : isRunning && domain.Check == "full" && domain.Mode == "custom"
            ? (extension == Svm && CpuModels.HaveSvm(domain.Model), $"{domain.CpuText}, as it runs")
        : domain.IsOfHostModel ? OfHostModel(domain, extension, host)
        : domain.Mode is null or "custom" ? OfModel(domain, extension, host)
        : (null, domain.CpuText);

    private static (bool? IsAsked, string Why) OfHostModel(DomainDefinition domain, string extension, GuestHost host)
    {
        if (host.Capabilities is not { } capabilities)
        {
            return (
                null,
                $"{domain.CpuText}: what that stands for is in the domain capabilities, which libvirt tells only those who may change guests"
            );
        }

        if (!capabilities.AreOf(domain))
        {
            return (
                null,
                $"{domain.CpuText}: the domain capabilities that were read are those of {capabilities.Emulator}, for {capabilities.Architecture}"
            );
        }

        if (capabilities.HostModel.LastOrDefault(known => known.Name == extension) is { } part)
        {
            return (part.IsWanted, $"{domain.CpuText}, for which domcapabilities has {part}");
        }

        return extension == Svm
            ? GivenUnasked(domain, host)
            : (false, $"{domain.CpuText}, for which domcapabilities has no {extension}");
    }

    private static (bool? IsAsked, string Why) OfModel(DomainDefinition domain, string extension, GuestHost host) =>
        extension == Svm && (domain.Model is null || CpuModels.HaveSvm(domain.Model))
            ? GivenUnasked(domain, host)
            : (false, $"{domain.CpuText}, and no {extension}");

    private static (bool? IsAsked, string Why) GivenUnasked(DomainDefinition domain, GuestHost host) =>
        CpuModels.IsOldMachine(domain.Machine)
            ? (null, $"{domain.CpuText}: QEMU may give svm unasked to a machine as old as {domain.Machine}")
            : host.IsUbuntu switch
            {
                true => (true, $"{domain.CpuText}: Ubuntu's QEMU gives svm with a model that has it"),
                false => (false, $"{domain.CpuText}: QEMU leaves svm out of a model unless it is named"),
                null => (null, $"{domain.CpuText}: whether QEMU gives svm unasked depends on who built it"),
            };

    // TCG emulates svm and no vmx (target/i386/cpu.c: TCG_EXT_FEATURES has no VMX, TCG_EXT3_FEATURES has SVM).
    private static GuestExposure Emulated(DomainDefinition domain, bool isRunning)
    {
        if (domain.Find(Svm) is { } feature)
        {
            return new GuestExposure(feature.IsWanted, feature.IsWanted, feature.ToString());
        }

        if (domain.Find("vmx") is { IsWanted: true } vmx)
        {
            return new GuestExposure(true, false, $"{vmx}, which QEMU does not emulate");
        }

        if (isRunning && domain is { Check: "full", Mode: "custom" })
        {
            bool hasSvm = CpuModels.HaveSvm(domain.Model);
            return new GuestExposure(hasSvm, hasSvm, $"{domain.CpuText}, as it runs");
        }

        return domain.Mode == "maximum"
            ? new GuestExposure(true, true, domain.CpuText)
            : Unknown("without KVM, whether a model has svm is a matter of QEMU's own list of models");
    }

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
