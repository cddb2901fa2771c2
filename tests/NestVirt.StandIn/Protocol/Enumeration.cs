using NestVirt.StandIn.Cim;

namespace NestVirt.StandIn.Protocol;

/// <summary>How the items of an enumeration are written.</summary>
internal enum EnumerationMode
{
    Object,
    Reference,
    ObjectAndReference,
}

/// <summary>An enumeration that a client walks through.</summary>
/// <param name="items">The instances, as they were when it began.</param>
/// <param name="selected">The properties that the query selected; empty for all.</param>
/// <param name="mode">How items are written.</param>
/// <param name="resource">The resource that was asked for.</param>
internal sealed class Enumeration(
    IReadOnlyList<CimObject> items,
    IReadOnlyList<string> selected,
    EnumerationMode mode,
    ResourceName resource
)
{
    private int _at;

    internal DateTimeOffset LastUsed { get; set; }

    internal bool IsAtEnd => _at == items.Count;

    /// <summary>Takes the next items that fit.</summary>
    /// <param name="count">How many at most.</param>
    /// <param name="bytes">How large they may be together.</param>
    /// <param name="variants">What differs from Windows.</param>
    /// <param name="reading">Told of each instance before it is written.</param>
    internal string Take(int count, int bytes, Variants variants, Action<CimObject> reading)
    {
        var writer = new InstanceWriter(resource, variants);
        var text = new System.Text.StringBuilder();
        int left = bytes;
        for (int taken = 0; taken < count && _at < items.Count; taken++)
        {
            reading(items[_at]);
            string item = Write(writer, items[_at], variants);
            left -= System.Text.Encoding.UTF8.GetByteCount(item);
            if (left < 0)
            {
                // An item that fits no answer is a fault; one that fits the next waits for it.
                return taken > 0 ? text.ToString() : throw new WsManFaultException(Faults.EnvelopeTooLarge());
            }

            _at++;
            text.Append(item);
        }

        return text.ToString();
    }

    private string Write(InstanceWriter writer, CimObject item, Variants variants)
    {
        string instance =
            selected.Count > 0 && !variants.WritesProjectedInstances
                ? writer.WriteFragment(item, selected)
                : writer.Write(item);
        return mode switch
        {
            EnumerationMode.Object => instance,
            EnumerationMode.Reference => Reference(writer, item),
            // The object first (DSP0226 8.7).
            _ => $"<w:Item>{instance}{Reference(writer, item)}</w:Item>",
        };
    }

    private static string Reference(InstanceWriter writer, CimObject item) =>
        $"<a:EndpointReference>{writer.WriteReference(item)}</a:EndpointReference>";
}
