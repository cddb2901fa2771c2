using System.Text;
using NestVirt.Text;

namespace NestVirt.Core.Tests.Text;

public sealed class HostEncodingTests
{
    [Theory]
    [InlineData("plain\n", "plain\n")]
    [InlineData("# Gr\u00C3\u00BC\u00C3\u009Fe\n", "# Gr\u00FC\u00DFe\n")]
    [InlineData("# \u00E5\u0090\u00AF\u00E5\u008A\u00A8\n", "# \u542F\u52A8\n")]
    [InlineData("# Gr\u00FC\u00DFe", "# Gr\u00FC\u00DFe")]
    [InlineData("\u00FC\n\u00C3\u00BC\n\u00C3", "\u00FC\n\u00FC\n\u00C3")]
    [InlineData("\u00F0\u009F\u0098\u0080 \u00ED\u00A0\u0080\n", "\u00F0\u009F\u0098\u0080 \u00ED\u00A0\u0080\n")]
    [InlineData("", "")]
    public void A_line_is_read_as_UTF_8_where_it_is_that_and_else_byte_by_byte(string bytes, string text)
    {
        Assert.Equal(text, HostEncoding.Decode(bytes));
        Assert.Equal(text, HostEncoding.Decode(Encoding.Latin1.GetBytes(bytes)));
    }
}
