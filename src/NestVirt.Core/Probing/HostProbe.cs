namespace NestVirt.Probing;

/// <summary>A constant question to a host, whose answer is text that a pure parser reads.</summary>
public abstract record HostProbe
{
    private protected HostProbe(string name) => Name = name;

    /// <summary>Gets the name of the answer in scripts and in snapshots: lower-case letters and digits.</summary>
    public string Name { get; init; }

    /// <summary>Gets a value indicating whether only an administrator of the host gets an answer.</summary>
    public bool NeedsRoot { get; init; }

    /// <summary>Gets what tells of an answer whether passwords may be in it, so that no snapshot holds it.</summary>
    /// <remarks>Only what is read byte for byte to be written again has need of it; in the text of others a mark stands for them.</remarks>
    internal Predicate<string> MayHoldSecrets { get; init; } = static _ => false;
}
