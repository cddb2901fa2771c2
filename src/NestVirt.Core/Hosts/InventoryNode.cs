namespace NestVirt.Hosts;

/// <summary>A part of an inventory, in whichever language the file is, and the line on which it begins.</summary>
/// <param name="Line">The one-based line.</param>
public abstract record InventoryNode(int Line);

/// <summary>A map from names to parts.</summary>
/// <param name="Line">The one-based line.</param>
/// <param name="Members">The parts in the order of the file; a name may stand there twice, which is an error later.</param>
public sealed record InventoryMap(int Line, IReadOnlyList<InventoryMember> Members) : InventoryNode(Line);

/// <summary>A name of a map, and what it stands for.</summary>
/// <param name="Name">The name.</param>
/// <param name="Line">The one-based line of the name.</param>
/// <param name="Value">What it stands for.</param>
public sealed record InventoryMember(string Name, int Line, InventoryNode Value);

/// <summary>A list.</summary>
/// <param name="Line">The one-based line.</param>
/// <param name="Items">Its items.</param>
public sealed record InventoryList(int Line, IReadOnlyList<InventoryNode> Items) : InventoryNode(Line);

/// <summary>A value.</summary>
/// <param name="Line">The one-based line.</param>
/// <param name="Value">A string, a bool, an int, or null; another number is its text as an object of another type.</param>
public sealed record InventoryValue(int Line, object? Value) : InventoryNode(Line);
