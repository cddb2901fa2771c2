namespace NestVirt.HelpBuilder;

/// <summary>The page of one cmdlet.</summary>
/// <param name="Name">The cmdlet.</param>
/// <param name="Synopsis">One sentence.</param>
/// <param name="Description">Paragraphs.</param>
/// <param name="Syntax">The ways to call it.</param>
/// <param name="Examples">The examples.</param>
/// <param name="Parameters">Every parameter but the common ones.</param>
/// <param name="Inputs">What the pipeline takes.</param>
/// <param name="Outputs">What the pipeline gets.</param>
/// <param name="Notes">Paragraphs.</param>
/// <param name="Links">Where to read on.</param>
public sealed record HelpPage(
    string Name,
    string Synopsis,
    IReadOnlyList<string> Description,
    IReadOnlyList<IReadOnlyList<SyntaxParameter>> Syntax,
    IReadOnlyList<HelpExample> Examples,
    IReadOnlyList<HelpParameter> Parameters,
    IReadOnlyList<HelpType> Inputs,
    IReadOnlyList<HelpType> Outputs,
    IReadOnlyList<string> Notes,
    IReadOnlyList<HelpLink> Links
);

/// <summary>A parameter in one way to call a cmdlet.</summary>
/// <param name="Name">The parameter.</param>
/// <param name="Type">The short name of its type; null for a switch.</param>
/// <param name="IsRequired">Whether it must be given.</param>
/// <param name="IsPositional">Whether its name may be left out.</param>
public sealed record SyntaxParameter(string Name, string? Type, bool IsRequired, bool IsPositional);

/// <summary>An example.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Code">What is typed, and what comes back.</param>
/// <param name="Remarks">Paragraphs.</param>
public sealed record HelpExample(string Title, string Code, IReadOnlyList<string> Remarks);

/// <summary>A parameter.</summary>
/// <param name="Name">The parameter.</param>
/// <param name="Description">Paragraphs.</param>
/// <param name="Type">The full name of its type.</param>
/// <param name="DefaultValue">What it is when it is not given.</param>
/// <param name="Aliases">Its other names.</param>
/// <param name="SupportsWildcards">Whether wildcards work.</param>
/// <param name="IsRequired">Whether it must be given wherever it can be.</param>
/// <param name="Position">A number, or Named.</param>
/// <param name="TakesPropertyName">Whether it takes a property of a piped object.</param>
public sealed record HelpParameter(
    string Name,
    IReadOnlyList<string> Description,
    string Type,
    string DefaultValue,
    string Aliases,
    bool SupportsWildcards,
    bool IsRequired,
    string Position,
    bool TakesPropertyName
);

/// <summary>A type that goes in or comes out.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Description">Paragraphs.</param>
public sealed record HelpType(string Name, IReadOnlyList<string> Description);

/// <summary>Another page.</summary>
/// <param name="Text">Its name.</param>
/// <param name="Uri">Its address, or nothing for a page of this module.</param>
public sealed record HelpLink(string Text, string Uri);
