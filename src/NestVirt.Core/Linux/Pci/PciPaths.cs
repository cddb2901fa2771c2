using NestVirt.Model;

namespace NestVirt.Linux.Pci;

/// <summary>Names what steps change of PCI functions, as paths: a physical function holds its virtual ones.</summary>
internal static class PciPaths
{
    private const string Root = "pci/";

    /// <summary>Names a function.</summary>
    internal static string Device(string address) => Root + address;

    /// <summary>Names all virtual functions of a physical one.</summary>
    internal static string Functions(string address) => $"{Root}{address}/vf";

    /// <summary>Names one virtual function by its number.</summary>
    internal static string Function(string address, string number) => $"{Root}{address}/vf/{number}";

    /// <summary>Names a virtual function that is named by its own address by its physical one.</summary>
    /// <remarks>The addresses follow from the SR-IOV capability alone (PCI_SRIOV_VF_OFFSET and _STRIDE), whether the functions exist now or not.</remarks>
    /// <param name="path">A name.</param>
    /// <param name="physical">The physical functions: address, offset, stride and highest number of virtual ones.</param>
    /// <returns>The name by the physical function; the same name where it is no virtual one.</returns>
    internal static string ByPhysical(
        string path,
        IEnumerable<(PciAddress At, int Offset, int Stride, int Total)> physical
    )
    {
        if (
            !path.StartsWith(Root, StringComparison.Ordinal)
            || !PciAddress.TryParse(path.AsSpan(Root.Length), out PciAddress own)
        )
        {
            return path;
        }

        foreach (
            (PciAddress at, int offset, int stride, int total) in physical.Where(one => one.At.Domain == own.Domain)
        )
        {
            int distance = own.RoutingId - at.RoutingId - offset;
            int number = stride > 0 ? distance / stride : 0;
            if (distance >= 0 && number < total && distance == number * stride)
            {
                return Function(at.ToString(), number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return path;
    }
}
