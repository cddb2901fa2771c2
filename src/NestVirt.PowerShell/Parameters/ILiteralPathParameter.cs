namespace NestVirt.PowerShell.Parameters;

/// <summary>The parameter that names recorded hosts by paths in which no character is a wildcard.</summary>
internal interface ILiteralPathParameter
{
    /// <summary>Gets the paths.</summary>
    string[] LiteralPath { get; }
}
