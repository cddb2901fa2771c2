using NestVirt.Changes;
using NestVirt.Linux.DomainXml;
using NestVirt.Linux.Drivers;
using NestVirt.Linux.GuestPci;
using NestVirt.Linux.Guests;

namespace NestVirt.Linux.GuestDevices;

/// <summary>A guest that is to get devices or lose them, and its host.</summary>
/// <param name="Request">What is asked for.</param>
/// <param name="Guest">The guest.</param>
/// <param name="Saved">What its definition says.</param>
/// <param name="Document">The definition.</param>
/// <param name="Others">The other guests of the host.</param>
/// <param name="Definitions">All definitions that were read.</param>
/// <param name="Host">What of the host decides whether guests can have devices.</param>
/// <param name="Use">Who uses the devices.</param>
internal sealed record GuestDeviceSite(
    VmPciDeviceRequest Request,
    LibvirtGuest Guest,
    DomainDefinition Saved,
    DomainDocument Document,
    IReadOnlyList<LibvirtGuest> Others,
    GuestDefinitions Definitions,
    GuestPciHost Host,
    PciDriverUse Use
);
