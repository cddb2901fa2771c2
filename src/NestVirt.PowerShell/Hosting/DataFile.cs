using System.Buffers;
using System.Globalization;
using System.Management.Automation.Language;
using System.Text.Json;

namespace NestVirt.PowerShell.Hosting;

/// <summary>Turns a PowerShell data file into JSON. Nothing in it is run, and what is no plain data is refused.</summary>
/// <remarks>
/// As Import-PowerShellDataFile does, but entries keep the order of the file and may be more than its 500.
/// </remarks>
internal static class DataFile
{
    /// <summary>Turns a data file into JSON.</summary>
    /// <param name="path">The full path.</param>
    /// <returns>The JSON text.</returns>
    /// <exception cref="NestVirtException">It does not hold one hashtable of plain data.</exception>
    internal static ReadOnlyMemory<byte> ToJson(string path)
    {
        ScriptBlockAst script = Parser.ParseFile(path, out _, out ParseError[] errors);
        if (errors.Length > 0)
        {
            throw Bad(path, errors[0].Extent, errors[0].Message);
        }

        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter writer = new(buffer);
        WriteNode(TopOf(script, path), path, writer);
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static HashtableAst TopOf(ScriptBlockAst script, string path) =>
        script.EndBlock?.Statements is [PipelineAst only]
        && script.BeginBlock is null
        && script.ProcessBlock is null
        && script.ParamBlock is null
        && only.GetPureExpression() is HashtableAst top
            ? top
            : throw Bad(path, script.Extent, "the file does not hold one hashtable.");

    private static void WriteNode(Ast node, string path, Utf8JsonWriter writer)
    {
        switch (node)
        {
            case HashtableAst table:
                writer.WriteStartObject();
                foreach ((ExpressionAst key, StatementAst value) in table.KeyValuePairs)
                {
                    writer.WritePropertyName(Text(ValueOf(key, path)));
                    WriteNode(ExpressionOf(value, path), path, writer);
                }

                writer.WriteEndObject();
                break;
            case ArrayExpressionAst list:
                IEnumerable<ExpressionAst> expressions = list.SubExpression.Statements.Select(statement =>
                    ExpressionOf(statement, path)
                );
                WriteList(
                    expressions.SelectMany(static item =>
                        item is ArrayLiteralAst items ? items.Elements : Enumerable.Repeat(item, 1)
                    ),
                    path,
                    writer
                );
                break;
            case ArrayLiteralAst list:
                WriteList(list.Elements, path, writer);
                break;
            default:
                WriteScalar(ValueOf(node, path), writer);
                break;
        }
    }

    private static void WriteList(IEnumerable<ExpressionAst> items, string path, Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (ExpressionAst item in items)
        {
            WriteNode(item, path, writer);
        }

        writer.WriteEndArray();
    }

    private static ExpressionAst ExpressionOf(StatementAst statement, string path) =>
        (statement as PipelineAst)?.GetPureExpression() ?? throw NotData(path, statement);

    private static object? ValueOf(Ast node, string path)
    {
        try
        {
            return node.SafeGetValue();
        }
        catch (InvalidOperationException)
        {
            throw NotData(path, node);
        }
    }

    private static void WriteScalar(object? value, Utf8JsonWriter writer)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case int or long or double or decimal:
                writer.WriteRawValue(Text(value));
                break;
            default:
                writer.WriteStringValue(Text(value));
                break;
        }
    }

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;

    private static NestVirtException NotData(string path, Ast node) =>
        Bad(path, node.Extent, $"'{node.Extent.Text}' is not plain data.");

    private static NestVirtException Bad(string path, IScriptExtent where, string what) =>
        new(
            NestVirtErrorKind.InventoryInvalid,
            $"The inventory '{path}' cannot be read: line {where.StartLineNumber.ToString(CultureInfo.InvariantCulture)}: {what}"
        );
}
