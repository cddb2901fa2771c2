using NestVirt.Core.Tests.Architecture.Samples.Upper;

namespace NestVirt.Core.Tests.Architecture.Samples.Lower;

/// <summary>Uses what lies above it, inside of a method alone: the arrow that a test must find.</summary>
internal sealed class Cellar
{
    public override string ToString() => string.Join(' ', new List<Attic>());
}
