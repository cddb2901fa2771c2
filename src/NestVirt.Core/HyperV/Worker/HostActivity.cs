namespace NestVirt.HyperV.Worker;

/// <summary>Says what is done at a host right now, to whoever waits for it.</summary>
internal sealed class HostActivity
{
    /// <summary>Gets or sets who takes it; null for nobody.</summary>
    internal IProgress<string>? Listener { get; set; }

    /// <summary>Gets or sets the virtual machine whose turn it is; null for none.</summary>
    internal string? Subject { get; set; }

    /// <summary>Says what is done.</summary>
    /// <param name="text">A phrase.</param>
    internal void Say(string text) => Listener?.Report(Subject is null ? text : $"{Subject}: {text}");
}
