namespace NestVirt.Core.Tests.Architecture;

/// <summary>Holds uses against a floor plan.</summary>
internal static class UseRules
{
    /// <summary>Names the uses that the plan does not allow.</summary>
    /// <param name="uses">The uses.</param>
    /// <param name="root">The root of the namespaces that the plan names the rest of.</param>
    /// <param name="plan">What each namespace may use beside its own and the root's.</param>
    internal static IReadOnlyList<string> Forbidden(
        IEnumerable<TypeUse> uses,
        string root,
        IReadOnlyDictionary<string, string[]> plan
    ) =>
        [
            .. uses.Where(use => use.ToNamespace != root)
                .Where(use =>
                    !plan.TryGetValue(Below(use.FromNamespace, root), out string[]? allowed)
                    || !allowed.Contains(Below(use.ToNamespace, root), StringComparer.Ordinal)
                )
                .Select(static use => $"{use.FromNamespace}.{use.From} uses {use.ToNamespace}.{use.To}")
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Names the namespaces that use themselves by way of others.</summary>
    /// <param name="uses">The uses.</param>
    internal static IReadOnlyList<string> Circles(IReadOnlyList<TypeUse> uses)
    {
        ILookup<string, string> arrows = uses.ToLookup(
            static use => use.FromNamespace,
            static use => use.ToNamespace,
            StringComparer.Ordinal
        );
        return
        [
            .. arrows
                .Select(static arrow => arrow.Key)
                .Where(name => Reach(name, arrows).Contains(name))
                .Order(StringComparer.Ordinal),
        ];
    }

    private static HashSet<string> Reach(string name, ILookup<string, string> arrows)
    {
        HashSet<string> reached = new(StringComparer.Ordinal);
        Queue<string> next = new(arrows[name]);
        while (next.TryDequeue(out string? found))
        {
            if (reached.Add(found))
            {
                foreach (string further in arrows[found])
                {
                    next.Enqueue(further);
                }
            }
        }

        return reached;
    }

    private static string Below(string name, string root) => name == root ? string.Empty : name[(root.Length + 1)..];
}
