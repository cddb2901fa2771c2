using System.Runtime.CompilerServices;
using NestVirt.Guidance;

namespace NestVirt.Core.Tests.Guidance;

/// <summary>A front end that says what is named by its type, so that tests of Core read the same whatever a real one calls it.</summary>
internal sealed class TypedWords : IFrontEndWords
{
    [ModuleInitializer]
    internal static void Install() => FrontEnd.Words = new TypedWords();

    public string NameOf(ChangeSwitch allowed) => $"<{allowed}>";

    public string NameOf(HostSetting setting) => $"<{setting}>";

    public string NameOf(OwnCommand command) => $"<{command}>";

    public string? Write(CommandCall command) =>
        $"<{string.Join(' ', [$"{command.Command}", .. command.Host is { } host ? [host] : Array.Empty<string>(), .. command.Arguments.Select(static argument => $"{argument.Name}={argument.Value}"), .. command.Switches.Select(static allowed => $"{allowed}")])}>";
}
