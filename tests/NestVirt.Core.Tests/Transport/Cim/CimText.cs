using NestVirt.Transport.Cim;

namespace NestVirt.Core.Tests.Transport.Cim;

/// <summary>Writes instances for comparing: everything that they hold, in a form of its own.</summary>
internal static class CimText
{
    public static string Of(CimInstance instance) =>
        $"{instance.ClassName}{{{string.Join(';', instance.Properties.Select(static pair => $"{pair.Key}={Of(pair.Value)}"))}}}";

    public static string Of(CimValue? value) =>
        value switch
        {
            null => "NULL",
            CimValue.Scalar scalar => $"{scalar.Type}'{scalar.Text}'",
            CimValue.Reference reference => Of(reference.Path),
            CimValue.Embedded embedded => Of(embedded.Instance),
            CimValue.Array array => $"{array.Type}[{string.Join(',', array.Items.Select(Of))}]",
            _ => throw new NotSupportedException(),
        };

    public static string Of(CimPath path) =>
        $"<{path.Namespace}:{path.ClassName}{string.Concat(path.Keys.Select(static key => $" {key.Key}={Of(key.Value)}"))}>";
}
