namespace NestVirt.HelpBuilder;

/// <summary>The page of one cmdlet, and what its assembly says about it.</summary>
/// <param name="Cmdlet">The cmdlet.</param>
/// <param name="Synopsis">One sentence.</param>
/// <param name="Description">Paragraphs.</param>
/// <param name="Examples">The examples.</param>
/// <param name="Parameters">Every parameter but the common ones, in the order of their names.</param>
/// <param name="Inputs">What the pipeline takes.</param>
/// <param name="Outputs">What the pipeline gets.</param>
/// <param name="Notes">Paragraphs.</param>
/// <param name="Links">Where to read on.</param>
public sealed record HelpPage(
    CmdletMetadata Cmdlet,
    string Synopsis,
    IReadOnlyList<string> Description,
    IReadOnlyList<HelpExample> Examples,
    IReadOnlyList<HelpParameter> Parameters,
    IReadOnlyList<HelpType> Inputs,
    IReadOnlyList<HelpType> Outputs,
    IReadOnlyList<string> Notes,
    IReadOnlyList<string> Links
);

/// <summary>An example.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Code">What is typed, and what comes back.</param>
/// <param name="Remarks">Paragraphs.</param>
public sealed record HelpExample(string Title, string Code, IReadOnlyList<string> Remarks);

/// <summary>A parameter.</summary>
/// <param name="Metadata">What the assembly says about it.</param>
/// <param name="Description">Paragraphs.</param>
/// <param name="DefaultValue">What it is when it is not given.</param>
public sealed record HelpParameter(ParameterMetadata Metadata, IReadOnlyList<string> Description, string DefaultValue);

/// <summary>A type that goes in or comes out.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Description">Paragraphs.</param>
public sealed record HelpType(string Name, IReadOnlyList<string> Description);
