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
        VMWord[] words = [.. (names ?? ["*"]).Select(name => VMWord.Of(name, vms))];
        Finding[] faults = [.. words.SelectMany(word => FaultOf(word, vms, isAll: names is null))];
        if (faults.Length > 0)
        {
            throw new ChangeRefusedException(faults);
        }

        ILookup<string, VMFacts> sameName = vms.ToLookup(static vm => vm.Name, StringComparer.OrdinalIgnoreCase);
        return
        [
            .. vms.Select(vm => (VM: vm, Fits: Array.FindAll(words, word => word.Fits(vm))))
                .Where(static pair => pair.Fits.Length > 0)
                .Select(pair => new VMChoice(
                    pair.VM,
                    Array.Exists(pair.Fits, static word => word.IsName),
                    sameName[pair.VM.Name].Skip(1).Any() || string.IsNullOrWhiteSpace(pair.VM.Name)
                        ? $"{pair.VM.Name} ({pair.VM.IdText})".TrimStart()
                        : pair.VM.Name
                )),
        ];
    }

    private static IEnumerable<Finding> FaultOf(VMWord word, IReadOnlyList<VMFacts> vms, bool isAll)
    {
        VMFacts[] found = [.. vms.Where(word.Fits)];
        return found.Length == 0 && !isAll ? [VMFindings.NotFound(word.Text)]
            : found.Length > 1 && word.IsName ? [VMFindings.SameName(word.Text, found)]
            : [];
    }

    /// <summary>A word that names virtual machines.</summary>
    /// <param name="Text">The word.</param>
    /// <param name="IsName">Whether it is the name or the id of one, and stands for no other then.</param>
    /// <param name="Fits">Tells which are meant.</param>
    private sealed record VMWord(string Text, bool IsName, Func<VMFacts, bool> Fits)
    {
        internal static VMWord Of(string word, IReadOnlyList<VMFacts> vms)
        {
            bool isId = Guid.TryParse(word, out Guid id);
            TextPattern pattern = new(word);
            return vms.Any(IsMeant) || !pattern.IsPattern
                ? new VMWord(word, IsName: true, vm => IsMeant(vm) || (!pattern.IsPattern && pattern.Fits(vm.Name)))
                : new VMWord(word, IsName: false, vm => pattern.Fits(vm.Name) || pattern.Fits(vm.IdText));

            bool IsMeant(VMFacts vm) =>
                vm.Name.Equals(word, StringComparison.OrdinalIgnoreCase) || (isId && id == vm.Id);
        }
    }
}
