namespace NestVirt.Hosts;

/// <summary>Where a host is. One type a transport; each holds what its transport alone needs.</summary>
public abstract record HostAddress
{
    private protected HostAddress() { }

    /// <summary>Gets the transport, as people are told of it.</summary>
    internal abstract HostTransport Transport { get; }

    /// <summary>Gets a value indicating whether the host can be asked now, and changed.</summary>
    internal virtual bool IsLive => true;

    /// <summary>Writes the address so that a table or a file keeps which host it is.</summary>
    /// <returns>What <see cref="HostTarget.TryParse"/> reads.</returns>
    public abstract override string ToString();
}

/// <summary>The machine that this process runs on.</summary>
internal sealed record LocalAddress : HostAddress
{
    internal const string Text = "local:";

    /// <inheritdoc/>
    internal override HostTransport Transport => HostTransport.Local;

    /// <inheritdoc/>
    public override string ToString() => Text;
}

/// <summary>A file with the answers of a host.</summary>
/// <param name="Path">The file.</param>
public sealed record SnapshotAddress(string Path) : HostAddress
{
    internal const string Prefix = "snapshot:";

    /// <inheritdoc/>
    internal override HostTransport Transport => HostTransport.Snapshot;

    /// <inheritdoc/>
    internal override bool IsLive => false;

    /// <inheritdoc/>
    public override string ToString() => Prefix + Path;
}

/// <summary>A directory tree with the <c>proc/</c> and <c>sys/</c> of a host.</summary>
/// <param name="Path">The directory.</param>
public sealed record TreeAddress(string Path) : HostAddress
{
    internal const string Prefix = "root:";

    /// <inheritdoc/>
    internal override HostTransport Transport => HostTransport.Root;

    /// <inheritdoc/>
    internal override bool IsLive => false;

    /// <inheritdoc/>
    public override string ToString() => Prefix + Path;
}
