using System.Globalization;
using NestVirt;
using NestVirt.Hosts;
using NestVirt.Transport.Cim;
using NestVirt.Transport.Cim.WsMan;

// Asks a host one question in a process of its own, since the libraries of Kerberos read the environment of their process.
// ADDRESS AUTHENTICATION [THUMBPRINT] [USER], with the password as a line of the input; prints a line for each VM, or the error.
Uri address = new(args[0]);
string Argument(int place) => place < args.Length ? args[place] : string.Empty;

using HostCredential? credential =
    Argument(3).Length > 0 ? new HostCredential(Argument(3), Console.ReadLine() ?? string.Empty) : null;
try
{
    await using WsManSession session = new(
        new WsManHttpChannel(
            new WsManConnectionOptions
            {
                Host = address.Host,
                Port = address.Port,
                UseSsl = address.Scheme == Uri.UriSchemeHttps,
                Authentication = Enum.Parse<WsManAuthentication>(args[1]),
                PinnedThumbprint = Argument(2).Length > 0 ? Argument(2) : null,
                Credential = credential,
            }
        )
    );
    IAsyncEnumerable<CimInstance> found = session.QueryAsync(
        "root/virtualization/v2",
        "SELECT * FROM Msvm_ComputerSystem",
        CancellationToken.None
    );
    await foreach (CimInstance system in found)
    {
        Console.WriteLine(system.Text("ElementName"));
    }

    return 0;
}
catch (NestVirtException error)
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{error.Kind}: {error.Message} {error.Remedy}"));
    return 1;
}
