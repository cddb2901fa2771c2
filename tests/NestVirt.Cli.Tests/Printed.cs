using System.Text;
using NestVirt.Cli.Output;
using NestVirt.Cli.Tables;
using NestVirt.Hosts;

namespace NestVirt.Cli.Tests;

/// <summary>Prints results into text.</summary>
internal static class Printed
{
    /// <summary>Prints results as JSON.</summary>
    internal static string Json<T>(params T[] results) =>
        Print(output => new JsonSink<T>(output, "schema", ResultJson.Of<T>()), [Sample.Host], results);

    /// <summary>Prints results as CSV.</summary>
    internal static string Csv<T>(IReadOnlyList<CsvColumn<T>> columns, params T[] results) =>
        Print(output => new CsvSink<T>(output, columns), [Sample.Host], results);

    /// <summary>Prints results for people.</summary>
    internal static string Table<T>(
        Func<Page, IResultSink<T>> create,
        IReadOnlyList<HostTarget> hosts,
        params T[] results
    ) => Print(output => create(new Page(output)), hosts, results);

    private static string Print<T>(Func<Stream, IResultSink<T>> create, IReadOnlyList<HostTarget> hosts, T[] results)
    {
        using MemoryStream output = new();
        IResultSink<T> sink = create(output);
        sink.Begin(hosts);
        foreach (HostTarget host in hosts)
        {
            sink.Take(host, results);
        }

        sink.End();
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
