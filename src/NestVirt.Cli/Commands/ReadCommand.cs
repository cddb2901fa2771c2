using System.CommandLine;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;
using NestVirt.Filters;
using NestVirt.Hosts;
using NestVirt.Questions;

namespace NestVirt.Cli.Commands;

/// <summary>A command that puts one question to hosts and prints the results.</summary>
/// <typeparam name="T">The type of a result.</typeparam>
internal abstract class ReadCommand<T>
{
    /// <summary>Gets the name of the results in JSON.</summary>
    protected abstract string Schema { get; }

    /// <summary>Gets the columns of the results in CSV.</summary>
    protected abstract IReadOnlyList<CsvColumn<T>> Columns { get; }

    /// <summary>Runs the command.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="options">The options that every command takes.</param>
    /// <param name="words">The host words.</param>
    /// <returns>The exit code.</returns>
    internal int Run(ParseResult line, HostOptions options, Argument<string[]> words)
    {
        // Everything that can be wrong with the command line is found before a host is asked.
        OutputFormat format = options.OutputOf(line);
        int throttle = options.ThrottleOf(line);
        ResultFilter<T> filter = FilterOf(line);
        HostSources sources = options.SourcesOf(line);
        IHostQuery<T> query = QueryOf(line, sources);
        HostReading<T> reading = new(query, filter, () => SinkOf(format, new StandardOutput()))
        {
            // Nobody reads half of a document; the other forms are read while hosts still answer.
            KeepsOrder = format == OutputFormat.Json,
            IsFailure = FailureOf(line),
            IsDown = IsDown,
            WarmUp = () => WarmUp(SinkOf(format, Stream.Null)),
        };
        return reading.Execute(HostsOf(line, sources, WordsOf(line, words)), throttle);
    }

    /// <summary>Reads the host words.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="words">Their argument.</param>
    /// <returns>The words.</returns>
    protected static string[] WordsOf(ParseResult line, Argument<string[]> words)
    {
        string[] typed = line.GetValue(words) ?? [];
        return Array.Find(typed, static word => word.StartsWith('-')) is { } option
            ? throw MistypedLine.UnknownOption(line, option)
            : typed;
    }

    /// <summary>Lists the hosts that are asked.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="sources">Where hosts are found.</param>
    /// <param name="words">The host words.</param>
    /// <returns>The hosts.</returns>
    protected virtual IReadOnlyList<HostTarget> HostsOf(ParseResult line, HostSources sources, string[] words) =>
        sources.Resolve(words);

    /// <summary>Makes the question.</summary>
    /// <param name="line">The command line.</param>
    /// <param name="sources">Where hosts are found.</param>
    /// <returns>The question.</returns>
    protected abstract IHostQuery<T> QueryOf(ParseResult line, HostSources sources);

    /// <summary>Makes what keeps the wanted results.</summary>
    /// <param name="line">The command line.</param>
    /// <returns>The filter.</returns>
    protected virtual ResultFilter<T> FilterOf(ParseResult line) => new NoFilter<T>();

    /// <summary>Makes what tells whether a result makes the command fail, though its host answered.</summary>
    /// <param name="line">The command line.</param>
    /// <returns>The test.</returns>
    protected virtual Func<T, bool> FailureOf(ParseResult line) => static _ => false;

    /// <summary>Tells whether a result says of its host that it failed.</summary>
    /// <param name="result">The result.</param>
    /// <returns>True if so.</returns>
    protected virtual bool IsDown(T result) => false;

    /// <summary>Makes what prints results for people. Called only when that is wanted: it loads much code.</summary>
    /// <param name="output">Where to.</param>
    /// <returns>The printer.</returns>
    protected abstract IResultSink<T> CreateTable(Stream output);

    /// <summary>Reads and prints an answer that nobody sees, while a host works on its own: see <see cref="HostReading{T}.WarmUp"/>.</summary>
    /// <param name="discard">What prints it.</param>
    protected virtual void WarmUp(IResultSink<T> discard) { }

    private IResultSink<T> SinkOf(OutputFormat format, Stream output) =>
        format switch
        {
            OutputFormat.Json => new JsonSink<T>(output, Schema, ResultJson.Of<T>()),
            OutputFormat.JsonLines => new JsonLinesSink<T>(output, ResultJson.Of<T>()),
            OutputFormat.Csv => new CsvSink<T>(output, Columns),
            _ => CreateTable(output),
        };
}
