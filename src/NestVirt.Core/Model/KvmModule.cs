using System.Globalization;
using System.Text.Json.Serialization;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.Model;

/// <summary>Where a kernel module is.</summary>
public enum ModuleState : long
{
    /// <summary>It could not be told.</summary>
    Unknown,

    /// <summary>Loaded.</summary>
    Loaded,

    /// <summary>Part of the kernel itself.</summary>
    BuiltIn,

    /// <summary>Installed, not loaded.</summary>
    NotLoaded,

    /// <summary>Not there for this kernel.</summary>
    Missing,
}

/// <summary>One of the modules that make KVM, with its parameters.</summary>
/// <param name="Name">The name with underscores, such as kvm_intel.</param>
/// <param name="State">Where it is.</param>
public sealed record KvmModule(string Name, ModuleState State)
{
    /// <summary>Gets the name with underscores, such as kvm_intel.</summary>
    public string Name
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Name);

    /// <summary>Gets the host.</summary>
    [JsonIgnore]
    public HostTarget Target { get; init; } = HostTarget.Local;

    /// <summary>Gets the name of <see cref="Target"/>.</summary>
    public string HostName => Target.Name;

    /// <summary>Gets how many users the loaded module has, or null.</summary>
    public int? UseCount { get; init; }

    /// <summary>Gets the loaded modules that use it.</summary>
    public IReadOnlyList<string> UsedBy
    {
        get;
        init => field = HostText.Shown(value);
    } = TextList<string>.Empty;

    /// <summary>Gets nesting, where this module decides it; NotApplicable otherwise.</summary>
    public NestedState Nested { get; init; } = NestedState.NotApplicable;

    /// <summary>Gets the parameters, ordered by name.</summary>
    public IReadOnlyList<ModuleParameter> Parameters
    {
        get;
        init => field = TextList<ModuleParameter>.Of(value);
    } = TextList<ModuleParameter>.Empty;

    /// <summary>Gets mistakes in the module's configuration, with file and line.</summary>
    public IReadOnlyList<Finding> Findings
    {
        get;
        init => field = TextList<Finding>.Of(value);
    } = TextList<Finding>.Empty;

    /// <summary>Gets the parameters that configuration sets; where it sets none, how many there are.</summary>
    [JsonIgnore]
    public string Settings =>
        Parameters.Any(static parameter => parameter.Configured is not null)
            ? string.Join(
                ' ',
                Parameters
                    .Where(static parameter => parameter.Configured is not null)
                    .Select(static parameter => $"{parameter.Name}={parameter.Configured}")
            )
        : Parameters.Count == 0 ? string.Empty
        : string.Create(CultureInfo.InvariantCulture, $"{Parameters.Count} parameters, none configured");

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {State}";
}

/// <summary>One parameter of a module.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value in effect as the kernel prints it; null when the module is not loaded or hides it.</param>
public sealed record ModuleParameter(string Name, string? Value)
{
    /// <summary>Gets the name.</summary>
    public string Name
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Name);

    /// <summary>Gets the value in effect as the kernel prints it; null when the module is not loaded or hides it.</summary>
    public string? Value
    {
        get;
        init => field = HostText.Shown(value);
    } = HostText.Shown(Value);

    /// <summary>Gets the value that configuration asks for, or null.</summary>
    public string? Configured
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets where that is written, as <c>file:line</c> or <c>/proc/cmdline</c>; null when it is nowhere.</summary>
    public string? ConfiguredBy
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets whether the value can be written while the module is loaded; null when that is unknown.</summary>
    public bool? IsWritable { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        Configured is null ? $"{Name}={Value}" : $"{Name}={Value} (configured {Configured} by {ConfiguredBy})";
}
