using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using NestVirt.Hosts;
using NestVirt.Text;
using NestVirt.Transport.Cim;
using NestVirt.Transport.Recorded;

namespace NestVirt.Probing;

/// <summary>The answers of a host with CIM, as text: its instances in the XML of CIM, one behind the other.</summary>
internal static partial class CimAnswers
{
    private const int MostWithoutMethod = 3;

    /// <summary>Tells whether there is no answer because the host has no such class: it lacks a role, or is too old.</summary>
    /// <param name="answer">The answer, live or recorded.</param>
    /// <returns>False where there is an answer, and where the account may not have one.</returns>
    internal static bool IsMissing(ProbeAnswer answer) =>
        answer.UnavailableReason?.StartsWith(CimReasons.Missing, StringComparison.Ordinal) == true;

    /// <summary>Tells whether there is no answer because the account may not have one.</summary>
    /// <param name="answer">The answer, live or recorded.</param>
    /// <returns>True if so.</returns>
    internal static bool IsDenied(ProbeAnswer answer) =>
        answer.UnavailableReason?.StartsWith(CimReasons.Denied, StringComparison.Ordinal) == true;

    /// <summary>Marks secrets in the text between tags, and in tags, each for itself: a mark that went over the end of one would make the rest unreadable.</summary>
    /// <param name="text">The answer.</param>
    /// <returns>The answer; the same object where it holds none.</returns>
    internal static string Hide(string text) =>
        SecretText.IsIn(text) ? Pieces().Replace(text, static piece => SecretText.Hide(piece.Value)) : text;

    /// <summary>Asks every probe, one after the other over the same connection.</summary>
    /// <param name="session">The way to the host.</param>
    /// <param name="probes">The probes.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <param name="onLong">Waits, once, for the place that long answers take; null where there is no need.</param>
    /// <returns>An answer for each probe, which may say why there is none: a release without the class, an account that may not, a provider that fails.</returns>
    /// <exception cref="NestVirtException">The host gave no answers at all, or too much.</exception>
    internal static async Task<ProbeAnswers> AskAsync(
        ICimSession session,
        IReadOnlyList<CimProbe> probes,
        CancellationToken cancellationToken,
        Func<Task>? onLong = null
    )
    {
        ProbeAnswers answers = new();
        long characters = 0;
        foreach (CimProbe probe in probes)
        {
            ProbeAnswer answer = await AskAsync(
                    session,
                    probe,
                    probe.Keeps?.Invoke(answers) ?? (static _ => true),
                    AnswerLimits.Bytes - characters,
                    TellAsync,
                    cancellationToken
                )
                .ConfigureAwait(false);
            characters += answer.Text.Length;
            answers.Set(probe.Name, answer);
        }

        return answers;

        async Task TellAsync(long length)
        {
            if (onLong is not null && characters + length > AnswerLimits.ShortBytes)
            {
                await onLong().ConfigureAwait(false);
                onLong = null;
            }
        }
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="answers">The answers of a host.</param>
    /// <param name="probe">The probe.</param>
    /// <returns>The instances; none where there is no answer.</returns>
    /// <exception cref="CimFormatException">The answer is no such text.</exception>
    internal static IReadOnlyList<CimInstance> Read(ProbeAnswers answers, CimProbe probe) =>
        CimXmlReader.Read(answers[probe].Text, probe.Namespace);

    private static async Task<ProbeAnswer> AskAsync(
        ICimSession session,
        CimProbe probe,
        Func<CimInstance, bool> keeps,
        long room,
        Func<long, Task> onGrown,
        CancellationToken cancellationToken
    )
    {
        StringBuilder text = new();
        List<CimInstance> called = [];
        try
        {
            ConfiguredCancelableAsyncEnumerable<CimInstance> instances = session
                .QueryAsync(probe.Namespace, probe.Query, cancellationToken)
                .ConfigureAwait(false);
            await foreach (CimInstance instance in instances)
            {
                if (!keeps(instance))
                {
                    continue;
                }

                await AddAsync(Kept(instance, probe.Properties)).ConfigureAwait(false);
                if (probe.Call is not null)
                {
                    called.Add(instance);
                }
            }
        }
        catch (NestVirtException error) when (IsRefusal(error))
        {
            return new ProbeAnswer(
                string.Empty,
                error.Kind == NestVirtErrorKind.FeatureNotSupported ? CimReasons.Missing + error.Message : error.Message
            );
        }

        // One that is gone by now has no method either; where the first have none, or are waited for in vain, the others need not
        // be asked.
        int missing = 0;
        foreach (CimInstance instance in called)
        {
            IReadOnlyList<CimInstance>? results = await CallAsync(session, probe, instance, cancellationToken)
                .ConfigureAwait(false);
            missing = results is not null ? int.MinValue : missing + 1;
            if (missing == MostWithoutMethod)
            {
                break;
            }

            foreach (CimInstance result in results ?? [])
            {
                await AddAsync(result).ConfigureAwait(false);
            }
        }

        return new ProbeAnswer(text.ToString());

        async Task AddAsync(CimInstance instance)
        {
            text.Append(Write(instance)).Append('\n');
            await onGrown(text.Length).ConfigureAwait(false);
            if (text.Length > room)
            {
                throw new NestVirtException(
                    NestVirtErrorKind.ProbeOutputInvalid,
                    $"The host answered more than {AnswerLimits.Bytes >> 20} MiB, at {probe.Name}."
                );
            }
        }
    }

    // What one instance does not answer, or answers in a form that nobody can read, is not told of it. Null where it has no
    // such method, or did not answer in time.
    private static async Task<IReadOnlyList<CimInstance>?> CallAsync(
        ICimSession session,
        CimProbe probe,
        CimInstance instance,
        CancellationToken cancellationToken
    )
    {
        CimCall call = probe.Call!;
        try
        {
            if (instance.Text(call.Key) is not { } key)
            {
                return [];
            }

            CimMethodResult result = await session
                .InvokeAsync(
                    CimPath.Of(probe.Namespace, call.ClassName, (call.Key, key)),
                    call.Method,
                    call.Arguments,
                    cancellationToken
                )
                .ConfigureAwait(false);
            return result.ReturnValue == 0
                ? [.. result.Output.Instances(call.Result).Select(given => Kept(given, call, key))]
                : [];
        }
        catch (NestVirtException error)
            when (error.Kind == NestVirtErrorKind.FeatureNotSupported
                || (error is CimFaultException && error.Kind == NestVirtErrorKind.HostTimeout)
            )
        {
            return null;
        }
        catch (NestVirtException error) when (IsRefusal(error) || error is CimFormatException)
        {
            return [];
        }
    }

    private static bool IsRefusal(NestVirtException error) =>
        error is CimFaultException
        || error.Kind is NestVirtErrorKind.FeatureNotSupported or NestVirtErrorKind.HostPermissionDenied;

    // What cannot be written is no sign that the host lacks a class.
    private static string Write(CimInstance instance)
    {
        try
        {
            return CimXml.Write(instance);
        }
        catch (NestVirtException error)
        {
            throw new NestVirtException(NestVirtErrorKind.ProbeOutputInvalid, error.Message, error);
        }
    }

    [GeneratedRegex("[^<>]+", RegexOptions.CultureInvariant)]
    private static partial Regex Pieces();

    private static CimInstance Kept(CimInstance instance, CimCall call, string key)
    {
        CimInstance kept = Kept(instance, call.Properties);
        kept.Set(call.Key, CimValue.Of(key));
        return kept;
    }

    private static CimInstance Kept(CimInstance instance, IReadOnlyList<string> properties)
    {
        CimInstance kept = new(instance.ClassName);
        foreach (string name in properties.Where(instance.Has))
        {
            kept.Set(name, instance[name]);
        }

        return kept;
    }
}
