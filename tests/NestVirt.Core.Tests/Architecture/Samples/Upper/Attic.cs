using NestVirt.Core.Tests.Architecture.Samples.Lower;

namespace NestVirt.Core.Tests.Architecture.Samples.Upper;

/// <summary>Uses what lies below it, as it may.</summary>
internal sealed record Attic(Cellar Below);
