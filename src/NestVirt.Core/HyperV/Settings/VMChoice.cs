using NestVirt.Changes;
using NestVirt.HyperV.Support;
using NestVirt.HyperV.VirtualMachines;
using NestVirt.Model;
using NestVirt.Text;

namespace NestVirt.HyperV.Settings;

/// <summary>A virtual machine that a request is for.</summary>
/// <param name="VM">The virtual machine.</param>
/// <param name="IsNamed">Whether it was asked for by its own name or id, so that nothing can be done without it.</param>
/// <param name="Word">What it is called in sentences; with its id where others are called so, too.</param>
internal sealed record VMChoice(VMFacts VM, bool IsNamed, string Word)
{
    /// <summary>Chooses virtual machines.</summary>
    /// <param name="vms">Those of the host.</param>
    /// <param name="names">The words of the request; null for all.</param>
    /// <returns>Those that are meant, each once, in the order in which the host has them.</returns>
    /// <exception cref="ChangeRefusedException">A word names none, or several.</exception>
    internal static IReadOnlyList<VMChoice> Of(IReadOnlyList<VMFacts> vms, IReadOnlyList<string>? names)
    {
        TextPattern[] patterns = [.. (names ?? ["*"]).Select(static name => new TextPattern(name))];
        Finding[] faults = [.. patterns.SelectMany(pattern => FaultOf(pattern, vms, isAll: names is null))];
        if (faults.Length > 0)
        {
            throw new ChangeRefusedException(faults);
        }

        ILookup<string, VMFacts> sameName = vms.ToLookup(static vm => vm.Name, StringComparer.OrdinalIgnoreCase);
        return
        [
            .. vms.Select(vm => (VM: vm, Fits: patterns.Where(pattern => Fits(pattern, vm)).ToArray()))
                .Where(static pair => pair.Fits.Length > 0)
                .Select(pair => new VMChoice(
                    pair.VM,
                    Array.Exists(pair.Fits, static pattern => !pattern.IsPattern),
                    sameName[pair.VM.Name].Skip(1).Any() || string.IsNullOrWhiteSpace(pair.VM.Name)
                        ? $"{pair.VM.Name} ({pair.VM.IdText})".TrimStart()
                        : pair.VM.Name
                )),
        ];
    }

    private static bool Fits(TextPattern pattern, VMFacts vm) =>
        pattern.Fits(vm.Name) || pattern.Fits(vm.IdText) || IsId(pattern, vm);

    private static bool IsId(TextPattern pattern, VMFacts vm) =>
        Guid.TryParse(pattern.Word, out Guid id) && id == vm.Id;

    private static IEnumerable<Finding> FaultOf(TextPattern pattern, IReadOnlyList<VMFacts> vms, bool isAll)
    {
        VMFacts[] found = [.. vms.Where(vm => Fits(pattern, vm))];
        return found.Length == 0 && !isAll ? [VMFindings.NotFound(pattern.Word)]
            : found.Length > 1 && !pattern.IsPattern ? [VMFindings.SameName(pattern.Word, found)]
            : [];
    }
}
