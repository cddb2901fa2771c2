using System.Globalization;
using NestVirt.Changes;
using NestVirt.Hosts;
using NestVirt.Linux.DomainXml;
using NestVirt.Linux.GuestPci;
using NestVirt.Linux.Guests;
using NestVirt.Linux.Machine;
using NestVirt.Model;
using NestVirt.Probing;

namespace NestVirt.Linux.GuestDevices;

/// <summary>Plans which PCI devices of the host the definition of a guest of libvirt has.</summary>
/// <remarks>The definitions it reads hold no passwords, and so neither does a plan: see <see cref="GuestDeviceAction"/>.</remarks>
internal static class GuestDevicePlanner
{
    /// <summary>Gets the probes whose answers are read.</summary>
    internal static IReadOnlyList<HostProbe> Probes { get; } =
    [
        .. GuestPciAssessor
            .Probes.Union(GuestDeviceSafety.Probes)
            .Union([LibvirtProbe.CapabilitiesProbe, DefinitionProbe.Probe, HostIdentityProbe.Probe]),
    ];

    /// <summary>Plans it.</summary>
    /// <param name="target">The host.</param>
    /// <param name="request">Which devices, which guest, which way and how.</param>
    /// <param name="answers">The answers of the host.</param>
    /// <returns>The change that is missing.</returns>
    /// <exception cref="ChangeRefusedException">The guest or a device is not there, or cannot have that done.</exception>
    internal static ChangePlan Plan(HostTarget target, VmPciDeviceRequest request, ProbeAnswers answers)
    {
        request.RequireFaultless();
        if (request.HyperVWishes is { Count: > 0 } foreign)
        {
            throw new NestVirtException(
                NestVirtErrorKind.FeatureNotSupported,
                $"Only virtual machines of Hyper-V hosts are given devices so, and those of a KVM host not: {string.Join(", ", foreign)}."
            );
        }

        LibvirtFacts facts = LibvirtAccess.Require(answers, target);
        GuestDefinitions definitions = new(answers.Read(DefinitionProbe.Reading));
        GuestChoice choice = Choose(facts.Guests, request.VmName);
        try
        {
            LibvirtGuest guest = definitions.Whole(choice.Guest);
            (DomainDefinition saved, string text) = definitions.Require(guest);
            if (!request.Force && GuestManagers.Of(text) is { } manager)
            {
                throw new ChangeRefusedException(GuestChangeFindings.Managed(manager));
            }

            GuestDeviceSite site = new(
                request,
                guest,
                saved,
                Read(text),
                [.. facts.Guests.Where(other => other.Id != guest.Id)],
                definitions,
                GuestPciHost.Read(answers, target),
                GuestDeviceSafety.Read(answers, target)
            );
            return request.Add
                ? PlanOf(target, answers, site, choice, text, GuestDeviceWishes.Added(site))
                : PlanOf(target, answers, site, choice, text, GuestDeviceWishes.Removed(site));
        }
        catch (ChangeRefusedException refusal)
        {
            throw new ChangeRefusedException([.. Of(choice, refusal.Reasons)]);
        }
    }

    private static GuestChoice Choose(IReadOnlyList<LibvirtGuest> guests, string name) =>
        GuestChoice.Of(guests, [name]) switch
        {
            [GuestChoice one] => one,
            var several => throw new ChangeRefusedException(
                GuestChangeFindings.SameName(name, [.. several.Select(static one => one.Guest)])
            ),
        };

    private static DomainDocument Read(string text)
    {
        try
        {
            return DomainDocument.Parse(text);
        }
        catch (DomainXmlException fault)
        {
            throw new ChangeRefusedException(GuestChangeFindings.Unread(fault.Message));
        }
    }

    private static ChangePlan PlanOf(
        HostTarget target,
        ProbeAnswers answers,
        GuestDeviceSite site,
        GuestChoice choice,
        string text,
        GuestDeviceWishes wishes
    )
    {
        LibvirtGuest guest = site.Guest;
        string? powerOff = site.Saved.OnPowerOff is null or "destroy" ? null : site.Saved.OnPowerOff;
        GuestDevice[] waiting =
        [
            .. guest.IsActive
                ? wishes.Meant.Where(device =>
                    guest.Running is not { } running || Runs(running, device) != site.Request.Add
                )
                : [],
        ];
        bool isStopped = site.Request.StopGuests && waiting.Length > 0 && powerOff is null;
        return new ChangePlan(
            target,
            site.Request,
            HostIdentityProbe.Read(answers),
            wishes.Edit.IsEmpty && !isStopped
                ? []
                : [ChangeOf(site, choice, text, wishes, isStopped, waiting.Length > 0)]
        )
        {
            Findings = [.. Of(choice, wishes.Notes)],
            Pending =
            [
                .. isStopped
                    ? []
                    : Of(
                        choice,
                        waiting
                            .Take(1)
                            .Select(device => GuestDeviceFindings.RestartPending(device, site.Request.Add, powerOff))
                    ),
            ],

            // One that did not end in time waits, and is no failure.
            Again = site.Request with
            {
                StopGuests = false,
            },
        };
    }

    private static bool Runs(DomainDefinition running, GuestDevice device) =>
        running.Devices.Any(other => other.IsWhole && other.Address == device.Address);

    private static HostChange ChangeOf(
        GuestDeviceSite site,
        GuestChoice choice,
        string text,
        GuestDeviceWishes wishes,
        bool isStopped,
        bool isWaiting
    )
    {
        HostStep step = GuestDeviceAction.Step(site.Guest.Id, text, wishes.Edit, isStopped, site.Request);
        string? disrupts = isStopped ? $"shuts {choice.Word} down, and starts it again" : null;
        return wishes.Edit.IsEmpty
            ? new HostChange($"{choice.Word}: devices that it runs with", "as it was started", "as defined", step)
            {
                Disrupts = disrupts,
                Undo = "nothing: the definition stays as it is",
            }
            : new HostChange(
                $"{choice.Word}: {string.Join(", ", wishes.Changed.Select(static device => device.Address))}",
                site.Request.Add ? null : Said(wishes.Changed),
                site.Request.Add ? Said(wishes.Changed) : null,
                step
            )
            {
                TakesEffect = isWaiting && !isStopped ? ChangeTiming.GuestRestart : ChangeTiming.Now,
                Disrupts = disrupts,
                Undo = site.Request.Add
                    ? "takes them out of the definition again"
                    : "puts them into the definition again, as they were",
            };
    }

    private static string Said(IReadOnlyList<GuestDevice> devices) =>
        string.Join(
            "; ",
            devices.Count == 1
                ? [GuestDeviceFindings.WayOf(devices[0])]
                : devices.Select(static device =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{device.Address}: {GuestDeviceFindings.WayOf(device)}"
                    )
                )
        );

    private static IEnumerable<Finding> Of(GuestChoice choice, IEnumerable<Finding> findings) =>
        findings.Select(finding =>
            finding with
            {
                Message = string.Create(CultureInfo.InvariantCulture, $"{choice.Word}: {finding.Message}"),
            }
        );
}
