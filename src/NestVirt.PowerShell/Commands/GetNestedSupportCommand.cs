using System.Management.Automation;
using NestVirt.Client;
using NestVirt.Model;
using NestVirt.PowerShell.Pipeline;
using NestVirt.Questions;

namespace NestVirt.PowerShell.Commands;

/// <summary>Gets whether hosts can nest virtualization and pass devices through, and why not.</summary>
[Cmdlet(VerbsCommon.Get, "NestedSupport", DefaultParameterSetName = HostSet)]
[OutputType(typeof(NestedSupport))]
public sealed class GetNestedSupportCommand : HostReadCommand<NestedSupport>
{
    /// <inheritdoc/>
    protected override IHostQuery<NestedSupport> CreateQuery() => HostQueries.Ask(HostQuestions.Support);
}
