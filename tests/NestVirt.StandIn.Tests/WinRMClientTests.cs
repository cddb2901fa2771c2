using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using NestVirt.StandIn.Authentication;
using NestVirt.StandIn.Machine;

namespace NestVirt.StandIn.Tests;

/// <summary>
/// Debian's python3-winrm, a client of WinRM by other people, speaks with the stand-in. It knows shells alone: headers,
/// transport, log-in and sealing of messages are its own here, bodies are those of this file. It waits until it is asked to
/// log in, as Windows asks and OMI does not.
/// </summary>
public class WinRMClientTests
{
    private const string User = "anna";
    private const string Password = "Grosse Hoffnung 42!";

    // Debian's own Python: packages of Debian are not there for others.
    private const string Python = "/usr/bin/python3";

    // It builds the headers that it sends for a shell, and adds what an operation on CIM has beside them.
    private const string Script = """
        import os, sys
        import xmltodict
        from winrm.protocol import Protocol

        address, transport, device_id, certificate = sys.argv[1:]
        client = Protocol(endpoint=address, transport=transport, username=os.environ['WINRM_USER'],
                          password=os.environ['WINRM_PASSWORD'], ca_trust_path=certificate or None,
                          message_encryption='always' if transport == 'ntlm' else 'auto')
        wmi = 'http://schemas.microsoft.com/wbem/wsman/1/wmi/root/'

        def send(title, uri, action, body, selectors=()):
            message = {'env:Envelope': client._get_soap_header(resource_uri=wmi + uri, action=action)}
            if selectors:
                message['env:Envelope']['env:Header']['w:SelectorSet'] = {
                    'w:Selector': [{'@Name': name, '#text': value} for name, value in selectors]}
            message['env:Envelope']['env:Body'] = body
            answer = client.send_message(xmltodict.unparse(message))
            print(title, answer.decode('utf-8') if isinstance(answer, bytes) else answer)

        identify = ('<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
                    'xmlns:i="http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd">'
                    '<s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>')
        answer = client.send_message(identify)
        print('IDENTIFY', answer.decode('utf-8') if isinstance(answer, bytes) else answer)
        send('ENUMERATE', 'virtualization/v2/Msvm_ComputerSystem',
             'http://schemas.xmlsoap.org/ws/2004/09/enumeration/Enumerate',
             {'n:Enumerate': {'w:OptimizeEnumeration': None, 'w:MaxElements': '100'}})
        send('GET', 'cimv2/Win32_Processor', 'http://schemas.xmlsoap.org/ws/2004/09/transfer/Get', None,
             [('DeviceID', 'CPU0')])
        device = wmi + 'cimv2/Win32_PnPEntity'
        send('INVOKE', 'cimv2/Win32_PnPEntity', device + '/GetDeviceProperties',
             {'c:GetDeviceProperties_INPUT': {'@xmlns:c': device, 'c:devicePropertyKeys': [
                 'DEVPKEY_Device_LocationPaths', '{3AB22E31-8264-4b4e-9AF5-A8D2D8E33E62}  31']}},
             [('DeviceID', device_id)])
        """;

    [Fact]
    public async Task By_NTLM_over_HTTP_it_seals_every_message()
    {
        (string output, StandInHost host) = await RunAsync(null, new NtlmAuthentication(User, Password), "ntlm");
        await using StandInHost _ = host;

        AssertAnswers(output);
        Assert.Equal(4, host.Requests.Count(static request => request.Text.Length > 0));
        Assert.All(
            host.Requests.Where(static request => request.Text.Length > 0),
            static request => Assert.StartsWith("multipart/encrypted;", request.ContentType, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task By_Basic_over_HTTPS_it_gets_the_same()
    {
        using X509Certificate2 certificate = StandInCertificate.Create();
        (string output, StandInHost host) = await RunAsync(certificate, new BasicAuthentication(User, Password), "ssl");
        await using StandInHost _ = host;

        AssertAnswers(output);
    }

    [Fact]
    public async Task With_another_password_it_is_told_so()
    {
        (string output, StandInHost host) = await RunAsync(null, new NtlmAuthentication(User, "another"), "ntlm");
        await using StandInHost _ = host;

        Assert.Contains("InvalidCredentialsError", output, StringComparison.Ordinal);
        Assert.All(host.Requests, static request => Assert.Equal("", request.Text));
    }

    private static void AssertAnswers(string output)
    {
        string[] answers = output.Split(["IDENTIFY ", "ENUMERATE ", "GET ", "INVOKE "], StringSplitOptions.None);
        Assert.True(answers.Length == 5, output);
        Assert.Contains("Microsoft Corporation", answers[1], StringComparison.Ordinal);
        Assert.Contains("<p:ElementName>lab</p:ElementName>", answers[2], StringComparison.Ordinal);
        Assert.Contains("<p:Manufacturer>GenuineIntel</p:Manufacturer>", answers[3], StringComparison.Ordinal);
        Assert.Contains("<e:Data>PCIROOT(17)#PCI(0000)#PCI(0000)</e:Data>", answers[4], StringComparison.Ordinal);
        Assert.Contains("<e:Data>3</e:Data>", answers[4], StringComparison.Ordinal);
    }

    private static async Task<(string Output, StandInHost Host)> RunAsync(
        X509Certificate2? certificate,
        IStandInAuthentication authentication,
        string transport
    )
    {
        Assert.SkipUnless(File.Exists(Python), $"this machine has no {Python}");
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string found = await RunAsync(folder, "-c", "import winrm, requests_ntlm; print('there')");
            Assert.SkipUnless(found.Trim() == "there", "not installed: python3-winrm");
            var machine = new HyperVMachine();
            machine.AddVM("lab");
            SampleDevices.AddTo(machine);
            string device = machine.Devices.First(static one => one.Service == "stornvme").InstanceId;
            StandInHost host = await StandInHost.StartAsync(
                machine,
                new StandInOptions { Authentication = authentication, Certificate = certificate }
            );
            string file = certificate is null ? "" : Path.Combine(folder, "certificate.pem");
            if (certificate is not null)
            {
                await File.WriteAllTextAsync(file, certificate.ExportCertificatePem());
            }

            return (await RunAsync(folder, "-c", Script, host.Address.ToString(), transport, device, file), host);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string folder, params string[] arguments)
    {
        // NTLM is made of MD4, which OpenSSL 3 has in its legacy provider alone.
        string configuration = Path.Combine(folder, "openssl.cnf");
        await File.WriteAllTextAsync(
            configuration,
            """
            openssl_conf = start
            [start]
            providers = providers
            [providers]
            default = on
            legacy = on
            [on]
            activate = 1
            """
        );
        ProcessStartInfo start = new(Python, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["OPENSSL_CONF"] = configuration,
                ["WINRM_USER"] = User,
                ["WINRM_PASSWORD"] = Password,
                ["NO_PROXY"] = "127.0.0.1",
            },
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output + (process.ExitCode == 0 ? "" : await errors);
    }
}
