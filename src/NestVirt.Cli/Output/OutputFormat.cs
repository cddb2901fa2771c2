namespace NestVirt.Cli.Output;

/// <summary>How results are written.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>One JSON document.</summary>
    Json,

    /// <summary>One JSON line a result, as it arrives.</summary>
    JsonLines,

    /// <summary>Comma-separated values.</summary>
    Csv,
}
