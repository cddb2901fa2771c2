using System.Globalization;
using NestVirt.StandIn;
using NestVirt.StandIn.Authentication;
using NestVirt.StandIn.Machine;

// A stand-in to try a client against by hand: prints its address and runs until it is stopped.
if (args.Contains("--help"))
{
    Console.WriteLine(
        "--port N --vms N --build N --vendor GenuineIntel|AuthenticAMD --language en-US|ja-JP --basic USER:PASSWORD"
    );
    return 0;
}

string Option(string name, string otherwise)
{
    int at = Array.IndexOf(args, name);
    return at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
}

int Number(string name, int otherwise) =>
    int.Parse(Option(name, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);

var machine = new HyperVMachine(
    new HostFacts
    {
        Build = Number("--build", 20348),
        CpuVendor = Option("--vendor", "GenuineIntel"),
        Language = Option("--language", "en-US"),
    }
);
machine.AddVMs(Number("--vms", 3), static at => new VMOptions { IsNested = at % 2 == 0 });

string basic = Option("--basic", "");
string[] words = basic.Split(':', 2);
StandInOptions options =
    words.Length == 2
        ? new StandInOptions
        {
            Port = Number("--port", 0),
            Certificate = StandInCertificate.Create(),
            Authentication = new BasicAuthentication(words[0], words[1]),
        }
        : new StandInOptions { Port = Number("--port", 0) };
await using StandInHost host = await StandInHost.StartAsync(machine, options).ConfigureAwait(false);
Console.WriteLine(host.Address);
await host.WaitAsync(CancellationToken.None).ConfigureAwait(false);
return 0;
