namespace NestVirt.StandIn;

/// <summary>
/// What servers other than Windows do otherwise, and what goes wrong between a client and any server. All are off by
/// default; a test may switch them while the server runs.
/// </summary>
public sealed class Variants
{
    /// <summary>Gets or sets whether contexts of enumerations are bare numbers (OMI).</summary>
    public bool UsesNumberContexts { get; set; }

    /// <summary>Gets or sets whether the context stays the same from one answer to the next (OMI).</summary>
    public bool KeepsContext { get; set; }

    /// <summary>Gets or sets whether the context stands beside the end of the sequence (OMI).</summary>
    public bool WritesContextAtEnd { get; set; }

    /// <summary>Gets or sets whether the last answer holds the end of the sequence alone.</summary>
    public bool EndsWithEmptyPull { get; set; }

    /// <summary>Gets or sets whether instances have no xsi:type (OMI).</summary>
    public bool OmitsInstanceType { get; set; }

    /// <summary>Gets or sets whether booleans are TRUE and FALSE (OMI).</summary>
    public bool WritesUpperCaseBooleans { get; set; }

    /// <summary>Gets or sets whether datetimes are CIM's own text without an element around it.</summary>
    public bool WritesPlainDateTimes { get; set; }

    /// <summary>Gets or sets whether a projected query gives whole instances rather than fragments.</summary>
    public bool WritesProjectedInstances { get; set; }

    /// <summary>Gets or sets whether references in the form of DMTF have no namespace (OMI).</summary>
    public bool OmitsNamespaceInReferences { get; set; }

    /// <summary>Gets or sets whether the answer of a method is named after it, without <c>_OUTPUT</c> (OMI).</summary>
    public bool OmitsOutputSuffix { get; set; }

    /// <summary>Gets or sets whether the action of a method's answer has no <c>Response</c>.</summary>
    public bool OmitsResponseAction { get; set; }

    /// <summary>Gets or sets whether IdentifyResponse is in the namespace of SOAP (OMI).</summary>
    public bool IdentifiesInSoapNamespace { get; set; }

    /// <summary>Gets or sets whether the detail of a fault is an instance of an error (newer Windows, OMI).</summary>
    public bool WritesErrorInstances { get; set; }

    /// <summary>Gets or sets the vendor that Identify tells.</summary>
    public string Vendor { get; set; } = "Microsoft Corporation";

    /// <summary>
    /// Gets or sets whether answers are a page of HTML with status 200, as a proxy or another server gives.
    /// </summary>
    public bool AnswersWithHtml { get; set; }

    /// <summary>Gets or sets whether an answer ends in the middle, though its length says that it is whole.</summary>
    public bool TruncatesXml { get; set; }

    /// <summary>Gets or sets whether answers are in UTF-16.</summary>
    public bool UsesUtf16 { get; set; }

    /// <summary>Gets or sets how long the provider takes; beyond the client's OperationTimeout it is a fault.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Gets or sets after how many bytes of an answer the connection is cut; null for never.</summary>
    public int? CutsAfterBytes { get; set; }

    /// <summary>
    /// Gets or sets at which request, counted from 1, the connection is cut without an answer; null for never.
    /// </summary>
    public int? CutsAtRequest { get; set; }

    /// <summary>
    /// Gets or sets at which request, counted from 1, the connection is cut when its work is done; null for never.
    /// </summary>
    public int? CutsAnswerOfRequest { get; set; }

    /// <summary>
    /// Gets or sets from which request on, counted from 1, every connection is cut without an answer; null for never.
    /// </summary>
    public int? IsGoneFromRequest { get; set; }
}
