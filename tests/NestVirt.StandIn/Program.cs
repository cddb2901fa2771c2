using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NestVirt.StandIn;
using NestVirt.StandIn.Authentication;
using NestVirt.StandIn.Machine;

// A stand-in to try a client against by hand: prints its address and runs until it is stopped.
if (args.Contains("--help"))
{
    Console.WriteLine(
        """
        --port N --vms N --build N --vendor GenuineIntel|AuthenticAMD --language en-US|ja-JP
        --vm NAME[,running|saved][,nested][,dynamic][,turnoff]
                                 one more, by name; may be given again, also with a name that is there
        --no-devices             leaves out the PCI devices and network adapters of a server
        --iov-reason TEXT        the host gives no devices and functions to VMs, and says why; may be given again
        --https                  prints the SHA-256 thumbprint of its certificate below its address
        --basic USER:PASSWORD    over HTTPS alone
        --ntlm USER:PASSWORD     encrypts messages over HTTP
        --kerberos               with the key table that KRB5_KTNAME names
        --schemes NAME,NAME      those of Negotiate and Kerberos that --kerberos takes
        """
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

string[]? Account(string name) => Option(name, "").Split(':', 2) is [_, _] words ? words : null;

string[] All(string name) =>
    [.. args.Zip(args.Skip(1)).Where(pair => pair.First == name).Select(static pair => pair.Second)];

string[] reasons = All("--iov-reason");
var machine = new HyperVMachine(
    new HostFacts
    {
        IsIovSupported = reasons.Length == 0,
        IovReasons = reasons,
        Build = Number("--build", 20348),
        CpuVendor = Option("--vendor", "GenuineIntel"),
        Language = Option("--language", "en-US"),
    }
);
machine.AddVMs(Number("--vms", 3), static at => new VMOptions { IsNested = at % 2 == 0 });
if (!args.Contains("--no-devices"))
{
    SampleDevices.AddTo(machine);
}

foreach (string[] words in All("--vm").Select(static text => text.Split(',')))
{
    machine.AddVM(
        words[0],
        new VMOptions
        {
            State =
                words.Contains("running") ? VMState.Running
                : words.Contains("saved") ? VMState.Saved
                : VMState.Off,
            IsNested = words.Contains("nested"),
            HasDynamicMemory = words.Contains("dynamic"),
            AutomaticShutdownAction = words.Contains("turnoff") ? (ushort)2 : (ushort)3,
        }
    );
}

string schemes = Option("--schemes", "");
IStandInAuthentication authentication =
    Account("--basic") is { } basic ? new BasicAuthentication(basic[0], basic[1])
    : Account("--ntlm") is { } ntlm ? new NtlmAuthentication(ntlm[0], ntlm[1])
    : args.Contains("--kerberos")
        ? new KerberosAuthentication(schemes.Split(',', StringSplitOptions.RemoveEmptyEntries))
    : new OpenAuthentication();
using X509Certificate2? certificate =
    args.Contains("--https") || authentication is BasicAuthentication ? StandInCertificate.Create() : null;
await using StandInHost host = await StandInHost
    .StartAsync(
        machine,
        new StandInOptions
        {
            Port = Number("--port", 0),
            Certificate = certificate,
            Authentication = authentication,
        }
    )
    .ConfigureAwait(false);
Console.WriteLine(host.Address);
if (certificate is not null)
{
    Console.WriteLine(certificate.GetCertHashString(HashAlgorithmName.SHA256));
}

await host.WaitAsync(CancellationToken.None).ConfigureAwait(false);
return 0;
