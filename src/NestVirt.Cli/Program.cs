using NestVirt.Cli;
using NestVirt.Cli.Consent;
using NestVirt.Cli.Hosting;
using NestVirt.Cli.Output;
using NestVirt.Guidance;
using NestVirt.SshNet;
using NestVirt.Transport;
using NestVirt.Transport.Cim.WsMan;

// Scripts ask for the version often, so it is not worth a command line parser.
if (args is ["--version"])
{
    StandardOutput.Write($"nestvirt {ProductVersion.Text}\n");
    return ExitCode.Success;
}

FrontEnd.Words = new CommandLineWords();
ManagedNtlm.Use();
SshLibrary.Use(static () => new SshNetShellFactory());
try
{
    return CommandTree.Run(args);
}
catch (UsageException error)
{
    Complaint.Write(error.Message, error.Remedy);
    return ExitCode.Usage;
}
catch (BrokenPipeException)
{
    // The reader has seen enough.
    return ExitCode.Success;
}
catch (Exception error)
{
    Complaint.Write($"unexpected failure, please report it: {error}", remedy: null);
    return ExitCode.Defect;
}
finally
{
    AskedCredential.Clear();
}
