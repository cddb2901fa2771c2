using System.Globalization;
using NestVirt.Model;

namespace NestVirt.Cli.Tables;

/// <summary>Prints KVM modules with their parameters and the mistakes in their settings.</summary>
/// <param name="page">Where to.</param>
internal sealed class ModulesTable(Page page) : HostTable<KvmModule>(page)
{
    private const int Indentation = 2;

    /// <inheritdoc/>
    protected override string NothingText => "No KVM module to show.";

    /// <inheritdoc/>
    protected override void Print(IReadOnlyList<KvmModule> results)
    {
        bool isFirst = true;
        foreach (KvmModule module in results)
        {
            if (!isFirst)
            {
                Page.Gap();
            }

            isFirst = false;
            Print(module);
        }
    }

    private static string WordOf(ModuleState state) =>
        state switch
        {
            ModuleState.Loaded => "loaded",
            ModuleState.BuiltIn => "part of the kernel",
            ModuleState.NotLoaded => "not loaded",
            ModuleState.Missing => "not there for this kernel",
            _ => "unknown",
        };

    private static string Heading(KvmModule module)
    {
        string nested =
            module.Nested == NestedState.NotApplicable ? string.Empty : $", nesting {Wording.WordOf(module.Nested)}";
        string users = module.UseCount is { } count
            ? string.Create(CultureInfo.InvariantCulture, $", use count {count}")
            : string.Empty;
        string usedBy = module.UsedBy.Count == 0 ? string.Empty : $", used by {string.Join(", ", module.UsedBy)}";
        return $"{module.Name}: {WordOf(module.State)}{nested}{users}{usedBy}";
    }

    private void Print(KvmModule module)
    {
        Page.Line(Heading(module), Tables.Page.Bold);
        foreach (Finding finding in module.Findings)
        {
            FindingLines.Print(Page, finding, Indentation);
        }

        if (module.Parameters.Count == 0)
        {
            return;
        }

        TextTable table = new("PARAMETER", "VALUE", "CONFIGURED", "BY");
        foreach (ModuleParameter parameter in module.Parameters)
        {
            table.Add(
                TextCell.Of(parameter.Name),
                TextCell.Of(parameter.Value),
                TextCell.Of(parameter.Configured),
                TextCell.Of(parameter.ConfiguredBy)
            );
        }

        Page.Table(table, Indentation);
    }
}
