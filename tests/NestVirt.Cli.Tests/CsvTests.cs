using NestVirt.Cli.Output;

namespace NestVirt.Cli.Tests;

public sealed class CsvTests
{
    private static readonly CsvColumn<string?>[] s_columns =
    [
        new("text", static text => text),
        new("length", static text => text?.Length),
        new("isThere", static text => text is not null),
    ];

    [Theory]
    [InlineData("plain", "plain,5,true")]
    [InlineData("a,b", "\"a,b\",3,true")]
    [InlineData("say \"hi\"", "\"say \"\"hi\"\"\",8,true")]
    [InlineData("", ",0,true")]
    [InlineData(null, ",,false")]
    [InlineData("two\r\nlines", "two\uFFFD\uFFFDlines,10,true")]
    [InlineData("\u001b[31m", "\uFFFD[31m,5,true")]
    public void A_field_is_quoted_where_it_must_be(string? text, string line) =>
        Assert.Equal($"text,length,isThere\r\n{line}\r\n", Printed.Csv(s_columns, text));

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\"")]
    [InlineData("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0")]
    [InlineData("-2+3", "'-2+3")]
    [InlineData("@SUM(1)", "'@SUM(1)")]
    [InlineData("\t=1", "' =1")]
    [InlineData(" =1", "' =1")]
    [InlineData("\r=1", "\uFFFD=1")]
    [InlineData("\uFF1D1+1", "'\uFF1D1+1")]
    [InlineData("-1", "-1")]
    [InlineData("+0.5", "+0.5")]
    [InlineData("-1e3", "-1e3")]
    [InlineData("-", "-")]
    [InlineData("0000:03:00.0", "0000:03:00.0")]
    [InlineData("a=b -c", "a=b -c")]
    [Trait("Category", "Security")]
    public void A_text_of_a_host_is_no_formula(string text, string field) =>
        Assert.Equal(
            $"text,list,number\r\n{field},{field},-5\r\n",
            Printed.Csv<string>(
                [
                    new("text", static text => text),
                    new("list", static text => new[] { text }),
                    new("number", static _ => -5),
                ],
                text
            )
        );

    [Theory]
    [InlineData("support", "hostName,platform,architecture,cpu.vendor,")]
    [InlineData("iommu", "hostName,number,type,isViable,")]
    [InlineData("pci", "hostName,address,classCode,class,")]
    [InlineData("sriov", "hostName,address,totalCount,count,")]
    [InlineData("modules", "hostName,name,state,nested,")]
    public async Task Every_line_of_a_recorded_host_has_a_field_for_every_heading(string command, string heading)
    {
        CliResult result = await CliProgram.RunAsync(
            command,
            "--snapshot",
            Repository.Recording("amd-epyc"),
            "--output",
            "csv"
        );

        Assert.Equal(0, result.ExitCode);
        string[][] lines = [.. Parse(result.Output)];
        Assert.StartsWith(heading, result.Output, StringComparison.Ordinal);
        Assert.True(lines.Length > 1);
        Assert.All(lines, line => Assert.Equal(lines[0].Length, line.Length));
    }

    // RFC 4180, by the letter.
    private static IEnumerable<string[]> Parse(string csv)
    {
        List<string> fields = [];
        System.Text.StringBuilder field = new();
        bool isQuoted = false;
        for (int i = 0; i < csv.Length; i++)
        {
            switch (csv[i])
            {
                case '"' when isQuoted && i + 1 < csv.Length && csv[i + 1] == '"':
                    field.Append('"');
                    i++;
                    break;
                case '"':
                    isQuoted = !isQuoted;
                    break;
                case ',' when !isQuoted:
                    fields.Add(field.ToString());
                    field.Clear();
                    break;
                case '\r' when !isQuoted && csv[i + 1] == '\n':
                    fields.Add(field.ToString());
                    field.Clear();
                    yield return [.. fields];
                    fields.Clear();
                    i++;
                    break;
                default:
                    field.Append(csv[i]);
                    break;
            }
        }
    }
}
