using NestVirt.Benchmarks;
using NestVirt.SshNet;
using NestVirt.Transport;

// Each budget of the design is one line: what, its peer, both medians of the same run, their ratio, the budget.
// Runs of the two sides alternate, so that a noisy machine is noisy for both. Many hosts come last: they leave this process
// and the machine warm for a while.
SshLibrary.Use(static () => new SshNetShellFactory());
string[] wanted = args;
List<Func<Budgets, Task>> budgets =
[
    Budgets.SshProbeAsync,
    Budgets.IommuListingAsync,
    Budgets.ProgramStartAsync,
    Budgets.BeforeAsync,
    Budgets.ModuleImportAsync,
    Budgets.FirstAnswerAsync,
    Budgets.ParsersAsync,
    ManyGuests.RunAsync,
    ManyHosts.RunAsync,
];

using Budgets run = new();

Console.WriteLine($"{"what", -50} {"ours", 12} {"peer", 12} {"ratio", 8}  budget");
foreach (
    Func<Budgets, Task> budget in budgets.Where(b =>
        wanted.Length == 0
        || wanted.Any(w =>
            $"{b.Method.DeclaringType!.Name}.{b.Method.Name}".Contains(w, StringComparison.OrdinalIgnoreCase)
        )
    )
)
{
    await budget(run);
}

return run.MissedCount == 0 ? 0 : 1;
