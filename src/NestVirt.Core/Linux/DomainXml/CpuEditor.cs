using System.Globalization;
using System.Text.RegularExpressions;

namespace NestVirt.Linux.DomainXml;

/// <summary>Changes the processor of a guest in its definition.</summary>
/// <remarks>
/// What libvirt takes is said in src/conf/cpu_conf.c (virCPUDefParseXML): no feature twice, none without a model where the mode is
/// custom, a vendor only with a model, migratable only with host-passthrough and maximum.
/// </remarks>
internal sealed partial class CpuEditor
{
    private const string Cpu = "cpu";
    private static readonly string[] s_policies = ["force", "require", "optional", "disable", "forbid"];
    private static readonly string[] s_beforeFeature =
    [
        "model",
        "vendor",
        "topology",
        "cache",
        "maxphysaddr",
        "feature",
    ];

    private readonly DomainEdit _edit;
    private readonly CpuChange _change;

    private CpuEditor(DomainEdit edit, CpuChange change) => (_edit, _change) = (edit, change);

    private DomainElement? Element => _edit.Root.Find(Cpu);

    private string Mode => Element?.Value("mode") ?? "custom";

    private bool IsHost => Mode is "host-passthrough" or "maximum";

    // Without a model, custom is whatever the hypervisor takes by itself, and libvirt takes no feature of it.
    private bool HasModel => Mode != "custom" || Element?.Find("model") is not null;

    /// <summary>Changes a definition.</summary>
    /// <param name="document">The definition.</param>
    /// <param name="change">What is to become of the processor.</param>
    /// <returns>The new definition, and what changed; nothing where it was so already.</returns>
    /// <exception cref="NestVirtException">It cannot be done; the sentence says why.</exception>
    public static DomainEdit Edit(DomainDocument document, CpuChange change)
    {
        DomainEdit edit = new(document);
        CpuEditor editor = new(edit, change);
        editor.Check();
        editor.SetMode();
        editor.SetNesting();
        foreach (
            (string name, string policy) in change.Features.OrderBy(static pair => pair.Key, StringComparer.Ordinal)
        )
        {
            editor.SetFeature(name, policy);
        }

        editor.SetMigratable();
        editor.SetTopology();
        if (change.WindowsHypervisor)
        {
            WindowsEnlightenments.Add(edit, isIntel: change.Extension == CpuExtension.Vmx);
        }

        return edit;
    }

    private static NestVirtException Refused(string sentence) => new(NestVirtErrorKind.ChangeRefused, sentence);

    private static string Word(CpuMode mode) =>
        mode switch
        {
            CpuMode.Custom => "custom",
            CpuMode.HostModel => "host-model",
            CpuMode.HostPassthrough => "host-passthrough",
            _ => "maximum",
        };

    // libvirt's cputypes.rng: featureName.
    [GeneratedRegex(@"\A[a-zA-Z0-9\-_.]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex FeatureName();

    private void Check()
    {
        if (_change.Model is not null != (_change.Mode == CpuMode.Custom))
        {
            throw Refused("A model is named with the mode custom, and that mode needs one.");
        }

        if (_change.Model is { } model && (model.Length == 0 || model.Any(char.IsControl) || model.Trim() != model))
        {
            throw Refused("This is no name of a processor model.");
        }

        bool needsExtension = _change.Nesting is not null;
        if (
            _change.Extension is not (null or CpuExtension.Vmx or CpuExtension.Svm)
            || (needsExtension && _change.Extension is null)
        )
        {
            throw Refused("The virtualization extension of the host is vmx or svm.");
        }

        string? architecture = _edit.Root.Find("os", "type")?.Value("arch");
        if ((needsExtension || _change.WindowsHypervisor) && architecture is not (null or "x86_64" or "i686"))
        {
            throw Refused(
                $"The virtual machine is of {architecture}: {(needsExtension ? _change.Extension : "Hyper-V")} is a matter of x86."
            );
        }

        CheckFeatures();
    }

    private void CheckFeatures()
    {
        foreach ((string name, string policy) in _change.Features)
        {
            if (!FeatureName().IsMatch(name))
            {
                throw Refused("A feature's name is made of letters, digits, '-', '_' and '.'.");
            }

            if (!s_policies.Contains(policy))
            {
                throw Refused($"The policy of {name} is one of {string.Join(", ", s_policies)}.");
            }

            bool isOn = policy is not ("disable" or "forbid");
            if (
                _change is { Nesting: { } nesting, Extension: { } extension }
                && (
                    (name == extension && isOn != nesting)
                    || (!nesting && isOn && CpuExtension.HasPart(extension, name))
                )
            )
            {
                throw Refused($"Nesting is to be {(nesting ? "on" : "off")}, which {name} contradicts with {policy}.");
            }
        }
    }

    private void SetMode()
    {
        bool needsModel = _change.Nesting == true || _change.Features.Count > 0 || _change.Migratable is not null;
        bool isKvm = _edit.Root.Value("type") == "kvm";
        CpuMode? wanted = _change.Mode;
        if (wanted is null && !HasModel && needsModel)
        {
            // The host's own is what KVM alone can give.
            wanted = isKvm ? CpuMode.HostPassthrough : CpuMode.Maximum;
        }

        if (wanted is not { } mode)
        {
            return;
        }

        string word = Word(mode);
        string? from = Element is null || !HasModel ? null : Mode;
        _edit.Need(Cpu);
        if (Element!.Value("mode") is null ? mode != CpuMode.Custom || from is null : Mode != word)
        {
            _edit.SetAttribute(Element!, "mode", word);
            _edit.SetAttribute(Element!, "match", null);
            _edit.SetAttribute(Element!, "check", null);
            _edit.Note("CPU mode", from, word);
            Fit(mode);
        }

        if (mode == CpuMode.Custom)
        {
            SetModel(_change.Model!);
        }
    }

    // What libvirt refuses in the new mode (qemuValidateDomainDefCpu of src/qemu/qemu_validate.c), or does not read in it.
    private void Fit(CpuMode mode)
    {
        if (mode != CpuMode.Custom)
        {
            Remove("model", static _ => true, "CPU model");
            Remove("vendor", static _ => true, "CPU vendor");
        }

        if (!IsHost)
        {
            _edit.Note("CPU migratable", Element!.Value("migratable"), null);
            _edit.SetAttribute(Element!, "migratable", null);
            Remove("cache", IsPassthrough, "CPU cache");
            Remove("maxphysaddr", IsPassthrough, "CPU maxphysaddr");
        }

        static bool IsPassthrough(DomainElement element) => element.Value("mode") == "passthrough";
    }

    private void Remove(string name, Func<DomainElement, bool> isMeant, string setting)
    {
        DomainElement[] found = [.. Element!.All(name).Where(isMeant)];
        foreach (DomainElement element in found)
        {
            _edit.Note(setting, element.Value("mode") ?? element.Text.Trim(), null);
        }

        _edit.Remove(found);
    }

    private void SetModel(string model)
    {
        string? from = Element!.Find("model")?.Text.Trim();
        if (from == model)
        {
            return;
        }

        if (from is null)
        {
            _edit.Insert(Element!, "model", [("fallback", "forbid")]);
        }
        else
        {
            // The vendor is a demand on the host that came with the old model.
            Remove("vendor", static _ => true, "CPU vendor");
        }

        _edit.SetText(Element!.Find("model")!, model);
        _edit.Note("CPU model", from is { Length: 0 } ? null : from, model);
    }

    // Host-passthrough and maximum have what KVM gives. Named models lose svm in QEMU (kvm_default_props of target/i386/kvm/kvm-cpu.c), and
    // have no vmx; so has host-model no svm, which libvirt takes for a part of the model that it chooses, while it names vmx where the
    // host nests.
    private void SetNesting()
    {
        if (_change is not { Nesting: { } isOn, Extension: { } extension })
        {
            return;
        }

        if (isOn)
        {
            bool isNamed = Element?.All("feature").Any(feature => feature.Value("name") == extension) == true;
            if (isNamed || Mode == "custom" || (Mode == "host-model" && extension == CpuExtension.Svm))
            {
                SetFeature(extension, "require", "force", "optional");
            }

            return;
        }

        if (!HasModel)
        {
            if (_edit.Root.Value("type") != "kvm")
            {
                throw Refused(
                    "The virtual machine has no processor model, and without one a feature cannot be taken away."
                );
            }

            return;
        }

        // Where libvirt compares with the host, a forbidden feature that this has keeps the guest from starting.
        SetFeature(extension, "disable", IsHost ? ["forbid"] : []);
        DomainElement[] parts = [.. Element!.All("feature").Where(IsPart)];
        foreach (DomainElement part in parts)
        {
            _edit.Note($"CPU feature {part.Value("name")}", part.Value("policy") ?? "require", null);
        }

        _edit.Remove(parts);

        bool IsPart(DomainElement feature) =>
            CpuExtension.HasPart(extension, feature.Value("name") ?? string.Empty)
            && feature.Value("policy") is not ("disable" or "forbid");
    }

    private void SetFeature(string name, string policy, params ReadOnlySpan<string> asGood)
    {
        if (!HasModel)
        {
            throw Refused("The virtual machine has no processor model, and libvirt takes no features without one.");
        }

        _edit.Need(Cpu);
        DomainElement[] found = [.. Element!.All("feature").Where(feature => feature.Value("name") == name)];
        if (found.Length > 1)
        {
            _edit.Note($"CPU feature {name}", "named more than once", "named once");
            _edit.Remove(found[1..]);
        }

        if (found.Length == 0)
        {
            _edit.Insert(Element!, "feature", [("policy", policy), ("name", name)], s_beforeFeature);
            _edit.Note($"CPU feature {name}", null, policy);
            return;
        }

        // libvirt takes require where nothing is said.
        string from = found[0].Value("policy") ?? "require";
        if (from != policy && !asGood.Contains(from))
        {
            _edit.SetAttribute(
                Element!.All("feature").First(feature => feature.Value("name") == name),
                "policy",
                policy
            );
            _edit.Note($"CPU feature {name}", from, policy);
        }
    }

    private void SetMigratable()
    {
        if (_change.Migratable is not { } isMigratable)
        {
            return;
        }

        if (!IsHost)
        {
            throw Refused($"Migratable is a matter of the modes host-passthrough and maximum, and the mode is {Mode}.");
        }

        string word = isMigratable ? "on" : "off";
        _edit.Note("CPU migratable", Element!.Value("migratable"), word);
        _edit.SetAttribute(Element!, "migratable", word, "mode", "match", "check");
    }

    private void SetTopology()
    {
        if (_change.Topology is not { } wanted)
        {
            return;
        }

        // One, where nothing is said.
        string vcpus = _edit.Root.Find("vcpu")?.Text.Trim() ?? "1";
        if (!wanted.IsPossible || vcpus != wanted.Count.ToString(CultureInfo.InvariantCulture))
        {
            throw Refused($"The virtual machine has {vcpus} processors, which {wanted} do not make.");
        }

        _edit.Need(Cpu);
        if (Element!.Find("topology") is null)
        {
            _edit.Insert(Element!, "topology", [], "model", "vendor");
        }

        DomainElement Topology() => Element!.Find("topology")!;
        string from = Shape(Topology());
        Set("sockets", wanted.Sockets, isNeeded: true);
        Set("dies", wanted.Dies, isNeeded: wanted.Dies > 1, "sockets");
        Set("clusters", 1, isNeeded: false, "sockets", "dies");
        Set("cores", wanted.Cores, isNeeded: true, "sockets", "dies", "clusters");
        Set("threads", wanted.Threads, isNeeded: true, "sockets", "dies", "clusters", "cores");
        _edit.Note("CPU topology", from.Length == 0 ? null : from, Shape(Topology()));

        void Set(string name, int count, bool isNeeded, params ReadOnlySpan<string> before)
        {
            if (isNeeded || Topology().Value(name) is not null)
            {
                _edit.SetAttribute(Topology(), name, count.ToString(CultureInfo.InvariantCulture), before);
            }
        }
    }

    private static string Shape(DomainElement topology) =>
        string.Join(", ", topology.Attributes.Select(static attribute => $"{attribute.Value} {attribute.Name}"));
}
