namespace NestVirt.Model;

/// <summary>Every code that a <see cref="Finding"/> may have. Codes are public: scripts filter by them, so none is renamed or reused.</summary>
/// <remarks>Each has a page in docs/findings: what it means, what proves it, how to mend it.</remarks>
internal static partial class FindingCodes;
