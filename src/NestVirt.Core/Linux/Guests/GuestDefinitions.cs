using NestVirt.Changes;

namespace NestVirt.Linux.Guests;

/// <summary>The definitions that guests start with, as libvirt writes them, without passwords.</summary>
/// <param name="texts">The definitions by UUID.</param>
internal sealed class GuestDefinitions(IReadOnlyDictionary<string, string> texts)
{
    /// <summary>Reads the whole definition of a guest: in the answer that lists guests, what looks like a password is marked, of a name, too.</summary>
    /// <param name="guest">The guest as that answer has it.</param>
    /// <returns>The guest; without a definition, and with the reason, where it cannot be read.</returns>
    internal LibvirtGuest Whole(LibvirtGuest guest)
    {
        try
        {
            return texts.TryGetValue(guest.Id, out string? text)
                ? guest with
                {
                    Saved = DomainDefinition.Parse(text),
                }
                : guest with
                {
                    Saved = null,
                };
        }
        catch (FormatException error)
        {
            return guest with { Saved = null, Unread = $"the definition cannot be read: {error.Message}" };
        }
    }

    /// <summary>Finds the definition of a guest that is to be changed.</summary>
    /// <param name="guest">The guest, whole.</param>
    /// <returns>The definition, and its text.</returns>
    /// <exception cref="ChangeRefusedException">It has none, would not start with it, or it was not read.</exception>
    internal (DomainDefinition Saved, string Text) Require(LibvirtGuest guest)
    {
        if (!guest.IsPersistent)
        {
            throw new ChangeRefusedException(GuestChangeFindings.Transient);
        }

        if (guest.HasManagedSave && !guest.IsActive)
        {
            throw new ChangeRefusedException(GuestChangeFindings.Saved);
        }

        return guest.Saved is { } saved && texts.TryGetValue(guest.Id, out string? text)
            ? (saved, text)
            : throw new ChangeRefusedException(
                GuestChangeFindings.Unread(guest.Unread ?? "libvirt did not give it, or all together are too long")
            );
    }

    /// <summary>Tells whether an adapter of a guest has a MAC address.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="mac">The address, in lower case.</param>
    /// <returns>True if so; false where its definition was not read.</returns>
    internal bool HasMac(LibvirtGuest guest, string mac) =>
        texts.TryGetValue(guest.Id, out string? text)
        && text.Contains($"<mac address='{mac}'", StringComparison.OrdinalIgnoreCase);
}
