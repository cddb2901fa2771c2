namespace NestVirt.Probing;

/// <summary>Reads a host that may be of several kinds: a live one is of the kind that its address says, a recorded one of that which its answers show.</summary>
internal static class HostKinds
{
    /// <summary>Finds the kind of a host.</summary>
    /// <typeparam name="TKind">What a kind is.</typeparam>
    /// <param name="kinds">The kinds that it may be of; of the last where it shows none.</param>
    /// <param name="answers">Its answers, those to the mark of each kind among them.</param>
    /// <returns>The kind.</returns>
    internal static TKind Choose<TKind>(IReadOnlyList<TKind> kinds, ProbeAnswers answers)
        where TKind : class, IHostKind => kinds.FirstOrDefault(kind => answers.Has(kind.Mark)) ?? kinds[^1];

    /// <summary>Asks a host once what its kind asks for some purpose.</summary>
    /// <typeparam name="TKind">What a kind is.</typeparam>
    /// <typeparam name="TPart">What a kind has for the purpose.</typeparam>
    /// <param name="kinds">The kinds that it may be of.</param>
    /// <param name="find">Finds what a kind has for the purpose; null where it has nothing.</param>
    /// <param name="probesOf">Gets the probes that this asks.</param>
    /// <param name="refuse">Makes the error of a kind that has nothing.</param>
    /// <param name="read">Asks the host.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>What the host's kind has, and the answers to its probes.</returns>
    /// <exception cref="NestVirtException">The host's kind has nothing for the purpose; a live host is not asked then.</exception>
    internal static async Task<(TPart Part, ProbeAnswers Answers)> ReadAsync<TKind, TPart>(
        IReadOnlyList<TKind> kinds,
        Func<TKind, TPart?> find,
        Func<TPart, IReadOnlyList<HostProbe>> probesOf,
        Func<TKind, NestVirtException> refuse,
        Func<IReadOnlyList<HostProbe>, CancellationToken, Task<ProbeAnswers>> read,
        CancellationToken cancellationToken
    )
        where TKind : class, IHostKind
        where TPart : class
    {
        if (kinds is [TKind only])
        {
            TPart own = find(only) ?? throw refuse(only);
            return (own, await read(probesOf(own), cancellationToken).ConfigureAwait(false));
        }

        HostProbe[] all =
        [
            .. kinds
                .Select(find)
                .OfType<TPart>()
                .SelectMany(probesOf)
                .Concat(kinds.Select(static kind => kind.Mark))
                .Distinct(),
        ];
        ProbeAnswers answers = await read(all, cancellationToken).ConfigureAwait(false);
        TKind chosen = Choose(kinds, answers);
        TPart part = find(chosen) ?? throw refuse(chosen);
        return (part, answers.Only(probesOf(part)));
    }
}
