using NestVirt.Transport.Cim;
using NestVirt.Transport.Cim.Mi;
using NestVirt.Transport.Cim.WsMan;

namespace NestVirt.Core.Tests.Transport.Cim.Mi;

public sealed class MiFaultTests
{
    // MI_Result (mi.h), wsmerror.h, WinHTTP's and Win32's errors. The text is in the language of the machine.
    [Theory]
    [InlineData(2, null, NestVirtErrorKind.HostPermissionDenied)]
    [InlineData(1, "HRESULT 0x80070005", NestVirtErrorKind.HostPermissionDenied)]
    [InlineData(1, "HRESULT 0x80041003", NestVirtErrorKind.HostPermissionDenied)]
    [InlineData(3, "HRESULT 0x8004100e", NestVirtErrorKind.FeatureNotSupported)]
    [InlineData(5, "HRESULT 0x80041010", NestVirtErrorKind.FeatureNotSupported)]
    [InlineData(6, null, NestVirtErrorKind.FeatureNotSupported)]
    [InlineData(15, "HRESULT 0x80041017", NestVirtErrorKind.FeatureNotSupported)]
    [InlineData(1, "HRESULT 0x80041017", NestVirtErrorKind.FeatureNotSupported)]
    [InlineData(17, null, NestVirtErrorKind.FeatureNotSupported)]
    [InlineData(1, "HRESULT 0x80338029", NestVirtErrorKind.HostTimeout)]
    [InlineData(1, null, NestVirtErrorKind.ProbeOutputInvalid)]
    [InlineData(1, "Something else", NestVirtErrorKind.ProbeOutputInvalid)]
    [InlineData(1, "HRESULT 0x8004100A", NestVirtErrorKind.ProbeOutputInvalid)]
    public void What_the_host_does_not_do_is_told_as_over_WS_Management(uint result, string? id, NestVirtErrorKind kind)
    {
        NestVirtException error = new MiFault(result, id, "Zugriff verweigert").ToException("list the class X of root");

        Assert.IsType<WsManFaultException>(error);
        Assert.Equal(kind, error.Kind);
        Assert.Contains("list the class X of root", error.Message, StringComparison.Ordinal);
        Assert.Contains("Zugriff verweigert", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HRESULT 0x80338012", NestVirtErrorKind.HostUnreachable)]
    [InlineData("HRESULT 0x803381b9", NestVirtErrorKind.HostUnreachable)]
    [InlineData("HRESULT 0x80338126", NestVirtErrorKind.HostUnreachable)]
    [InlineData("HRESULT 0x800706ba", NestVirtErrorKind.HostUnreachable)]
    [InlineData("HRESULT 0x8007052e", NestVirtErrorKind.HostAuthenticationFailed)]
    public void What_is_of_the_host_names_no_other_client(string id, NestVirtErrorKind kind)
    {
        NestVirtException error = new MiFault(1, id, "x").ToException("log in");

        Assert.Equal(kind, error.Kind);
        Assert.IsNotType<CimFaultException>(error, exactMatch: false);
        Assert.Contains(id["HRESULT 0x".Length..], error.Message, StringComparison.OrdinalIgnoreCase);
        Assert.NotNull(error.Remedy);
        Assert.DoesNotContain("WsMan", error.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HRESULT 0x803380e4", NestVirtErrorKind.HostAuthenticationFailed)]
    [InlineData("HRESULT 0x803380df", NestVirtErrorKind.HostAuthenticationFailed)]
    [InlineData("HRESULT 0x8033810b", NestVirtErrorKind.HostAuthenticationFailed)]
    [InlineData("HRESULT 0x80072f8f", NestVirtErrorKind.HostCertificateUntrusted)]
    public void What_is_of_the_client_names_the_other(string id, NestVirtErrorKind kind)
    {
        NestVirtException error = new MiFault(1, id, "x").ToException("log in");

        Assert.Equal(kind, error.Kind);
        Assert.Contains("WsMan", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_that_its_owner_has_ended_is_said_to_be_so()
    {
        NestVirtException error = MiFault.Ended(new ObjectDisposedException("CimSession"));

        Assert.Equal(NestVirtErrorKind.SessionClosed, error.Kind);
        Assert.Equal("The session of CIM has ended: it was removed or disposed of after it was given.", error.Message);
        Assert.Contains("New-CimSession", error.Remedy);
    }

    [Fact]
    public void A_client_that_is_not_there_names_the_other()
    {
        NestVirtException error = MiFault.Missing(
            new TypeInitializationException("X", new DllNotFoundException("There is no mi.dll."))
        );

        Assert.Equal(NestVirtErrorKind.ToolNotFound, error.Kind);
        Assert.Contains("There is no mi.dll.", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("..", error.Message, StringComparison.Ordinal);
        Assert.Contains("WsMan", error.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, null, true)]
    [InlineData(1, "HRESULT 0x80041002", true)]
    [InlineData(5, null, false)]
    [InlineData(2, "HRESULT 0x80041003", false)]
    public void That_there_is_no_such_instance_is_told_by_codes(uint result, string? id, bool isNotFound) =>
        Assert.Equal(isNotFound, new MiFault(result, id, "nicht gefunden").IsNotFound);

    [Fact]
    public void The_text_is_one_line_and_ends_once() =>
        Assert.Equal(
            "The host cannot log in: A B (0x8004100A).",
            new MiFault(1, "HRESULT 0x8004100A", "A\r\nB. ").ToException("log in").Message
        );
}
