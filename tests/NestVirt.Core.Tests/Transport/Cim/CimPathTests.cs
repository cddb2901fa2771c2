using System.Globalization;
using NestVirt.Transport.Cim;

namespace NestVirt.Core.Tests.Transport.Cim;

public sealed class CimPathTests
{
    private const string Virtualization = "root/virtualization/v2";

    // As HostResource and Parent have it: quotes and backslashes inside of the quotes are escaped by a backslash.
    private const string Disk =
        """\\HV1\root\virtualization\v2:Msvm_ResourceAllocationSettingData.InstanceID="Microsoft:11111111-2222-3333-4444-555555555555\\83F8638B-8DCA-4152-9EDA-2CA8B33039B4\\0\\D" """;

    [Fact]
    public void TryParse_reads_a_path_with_a_host_and_escaped_backslashes()
    {
        Assert.True(CimPath.TryParse(Disk.TrimEnd(), out CimPath? path));

        Assert.Equal(Virtualization, path.Namespace);
        Assert.Equal("Msvm_ResourceAllocationSettingData", path.ClassName);
        Assert.Equal(
            @"Microsoft:11111111-2222-3333-4444-555555555555\83F8638B-8DCA-4152-9EDA-2CA8B33039B4\0\D",
            path.Key("instanceid")
        );
        Assert.Equal(Disk.TrimEnd(), path.ToWmi("HV1"));
    }

    [Theory]
    [InlineData("Win32_Process.Handle=\"29\"", "", "Win32_Process", "29")]
    [InlineData("root\\cimv2:Win32_Process.Handle=\"29\"", "root/cimv2", "Win32_Process", "29")]
    [InlineData("//./root/cimv2:Win32_Process.Handle=\"a:b,c=d\"", "root/cimv2", "Win32_Process", "a:b,c=d")]
    [InlineData("X.Handle=\"say \\\"hi\\\"\"", "", "X", "say \"hi\"")]
    [InlineData("X.Handle=29", "", "X", "29")]
    [InlineData("X.Handle=-29", "", "X", "-29")]
    [InlineData("X.Handle=TRUE", "", "X", "true")]
    public void TryParse_reads_each_form_of_a_path(string text, string @namespace, string className, string key)
    {
        Assert.True(CimPath.TryParse(text, out CimPath? path));

        Assert.Equal((@namespace, className, key), (path.Namespace, path.ClassName, path.Key("Handle")));
    }

    [Fact]
    public void TryParse_reads_several_keys_in_their_order_and_none()
    {
        Assert.True(CimPath.TryParse("X.B=1,A=\"2\"", out CimPath? several));
        Assert.True(CimPath.TryParse("root/cimv2:X=@", out CimPath? none));

        Assert.Equal(["B", "A"], several.Keys.Select(static key => key.Key));
        Assert.Equal(new CimPath("root/cimv2", "X", []), none);
        Assert.Equal(@"root\cimv2:X=@", none.ToWmi());
    }

    [Theory]
    [InlineData("")]
    [InlineData("C:\\disks\\a.vhdx")]
    [InlineData("X.")]
    [InlineData("X.A")]
    [InlineData("X.A=")]
    [InlineData("X.A=\"b")]
    [InlineData("X.A=\"b\"c")]
    [InlineData("X.A=\"b\\")]
    [InlineData("X.A=b")]
    [InlineData("X.A=1,")]
    [InlineData("X.A=1;B=2")]
    [InlineData("\\\\host:X.A=1")]
    public void TryParse_refuses_other_texts(string text) => Assert.False(CimPath.TryParse(text, out _));

    [Fact]
    public void TryParse_reads_numbers_alike_in_every_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("en-US") { NumberFormat = { NegativeSign = "~" } };

            Assert.True(CimPath.TryParse("X.A=-1", out CimPath? path));
            Assert.Equal("-1", path.Key("A"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void ToWmi_escapes_what_stands_in_quotes_and_nests_references()
    {
        CimPath inner = CimPath.Of("root/cimv2", "A", ("Name", "say \"hi\" \\"));
        CimPath outer = new(
            "root/cimv2",
            "B",
            [new("Element", CimValue.Of(inner)), new("N", CimValue.Of(CimType.UInt8, 7))]
        );

        Assert.Equal("""root\cimv2:A.Name="say \"hi\" \\" """.TrimEnd(), inner.ToWmi());
        Assert.Equal("""root\cimv2:B.Element="root\\cimv2:A.Name=\"say \\\"hi\\\" \\\\\"",N=7""", outer.ToWmi());
    }

    [Fact]
    public void Paths_are_equal_whatever_the_case_of_names_and_the_order_of_keys()
    {
        CimPath one = CimPath.Of("root/cimv2", "Win32_X", ("A", "1"), ("B", "2"));

        Assert.Equal(one, CimPath.Of("ROOT/CIMV2", "win32_x", ("b", "2"), ("a", "1")));
        Assert.Equal(one.GetHashCode(), CimPath.Of("ROOT/CIMV2", "win32_x", ("b", "2"), ("a", "1")).GetHashCode());
        Assert.NotEqual(one, CimPath.Of("root/cimv2", "Win32_X", ("A", "1"), ("B", "3")));
        Assert.NotEqual(one, CimPath.Of("root/cimv2", "Win32_X", ("A", "1")));
    }
}
