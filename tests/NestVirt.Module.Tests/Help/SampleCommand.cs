using System.Management.Automation;

namespace NestVirt.Module.Tests.Help;

/// <summary>The cmdlet whose pages the tests of the help builder write.</summary>
[Cmdlet(VerbsCommon.Get, "Sample", DefaultParameterSetName = "Host")]
[OutputType(typeof(string))]
public sealed class SampleCommand : PSCmdlet
{
    [Parameter(Position = 0, ParameterSetName = "Host")]
    [Alias("CN")]
    [SupportsWildcards]
    public string[] HostName { get; set; } = [];

    [Parameter(Mandatory = true, ParameterSetName = "Root")]
    public string Root { get; set; } = string.Empty;

    [Parameter]
    public int? Port { get; set; }

    [Parameter]
    public SwitchParameter NoSudo { get; set; }
}
