namespace NestVirt.HyperV.Worker;

/// <summary>The virtual machines that were shut down for a change and not started again, as its journal has them.</summary>
/// <param name="journal">The journal.</param>
/// <param name="id">The number of the change.</param>
internal sealed class StoppedVMs(ClientJournal journal, int id)
{
    private readonly HashSet<Guid> _vms = [.. journal.ReadStopped(id)];

    /// <summary>Gets all of them.</summary>
    internal IReadOnlyCollection<Guid> All => _vms;

    /// <summary>Tells whether one is among them.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <returns>True if it is.</returns>
    internal bool Has(Guid vm) => _vms.Contains(vm);

    /// <summary>Notes that one is about to be shut down.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <exception cref="NestVirtException">The journal cannot be written.</exception>
    internal void Add(Guid vm)
    {
        if (_vms.Add(vm))
        {
            journal.WriteStopped(id, _vms, wasChanged: false);
        }
    }

    /// <summary>Notes that one runs again.</summary>
    /// <param name="vm">The virtual machine.</param>
    /// <exception cref="NestVirtException">The journal cannot be written.</exception>
    internal void Remove(Guid vm)
    {
        if (_vms.Remove(vm))
        {
            journal.WriteStopped(id, _vms, wasChanged: true);
        }
    }
}
