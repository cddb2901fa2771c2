using System.Globalization;
using System.Management.Automation.Language;
using NestVirt.Hosts;
using NestVirt.Text;

namespace NestVirt.PowerShell.Parameters;

/// <summary>Reads a PowerShell data file. Nothing in it is run, and what is no plain data is refused.</summary>
/// <remarks>
/// As Import-PowerShellDataFile does, but entries keep the order of the file and may be more than its 500.
/// </remarks>
internal static class DataFile
{
    /// <summary>Reads a data file.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="path">The full path.</param>
    /// <returns>Its content.</returns>
    /// <exception cref="NestVirtException">It does not hold one hashtable of plain data.</exception>
    internal static InventoryNode Parse(byte[] content, string path)
    {
        ScriptBlockAst script = Parser.ParseInput(EncodedText.ToText(content), path, out _, out ParseError[] errors);
        if (errors.Length > 0)
        {
            throw Bad(path, errors[0].Extent, errors[0].Message);
        }

        return Node(TopOf(script, path), path);
    }

    private static HashtableAst TopOf(ScriptBlockAst script, string path) =>
        script.EndBlock?.Statements is [PipelineAst only]
        && script.BeginBlock is null
        && script.ProcessBlock is null
        && script.ParamBlock is null
        && only.GetPureExpression() is HashtableAst top
            ? top
            : throw Bad(path, script.Extent, "the file does not hold one hashtable.");

    private static InventoryNode Node(Ast node, string path)
    {
        int line = node.Extent.StartLineNumber;
        return node switch
        {
            HashtableAst table => new InventoryMap(
                line,
                [
                    .. table.KeyValuePairs.Select(pair => new InventoryMember(
                        Text(ValueOf(pair.Item1, path)),
                        pair.Item1.Extent.StartLineNumber,
                        Node(ExpressionOf(pair.Item2, path), path)
                    )),
                ]
            ),
            ArrayExpressionAst list => new InventoryList(
                line,
                [
                    .. list
                        .SubExpression.Statements.Select(statement => ExpressionOf(statement, path))
                        .SelectMany(static item =>
                            item is ArrayLiteralAst items ? items.Elements : Enumerable.Repeat(item, 1)
                        )
                        .Select(item => Node(item, path)),
                ]
            ),
            ArrayLiteralAst list => new InventoryList(line, [.. list.Elements.Select(item => Node(item, path))]),
            _ => new InventoryValue(line, Plain(ValueOf(node, path))),
        };
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

    private static object? Plain(object? value) => value is null or bool or int or long or double ? value : Text(value);

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;

    private static NestVirtException NotData(string path, Ast node) =>
        Bad(path, node.Extent, $"'{node.Extent.Text}' is not plain data.");

    private static NestVirtException Bad(string path, IScriptExtent where, string what) =>
        new(
            NestVirtErrorKind.InventoryInvalid,
            $"The inventory '{path}' cannot be read: line {where.StartLineNumber.ToString(CultureInfo.InvariantCulture)}: {what}"
        );
}
