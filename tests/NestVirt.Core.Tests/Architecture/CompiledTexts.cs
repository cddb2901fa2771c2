using Mono.Cecil;
using Mono.Cecil.Cil;

namespace NestVirt.Core.Tests.Architecture;

/// <summary>One text in the code of an assembly.</summary>
/// <param name="Type">The outermost type that has it.</param>
/// <param name="Text">The text.</param>
internal sealed record TextUse(string Type, string Text);

/// <summary>Reads the texts that the code of an assembly loads: constants are among them where they are used.</summary>
internal static class CompiledTexts
{
    /// <summary>Lists them.</summary>
    /// <param name="assembly">The path of the assembly.</param>
    internal static IReadOnlyList<TextUse> Of(string assembly)
    {
        using AssemblyDefinition definition = AssemblyDefinition.ReadAssembly(assembly);
        return
        [
            .. definition.MainModule.Types.SelectMany(static type =>
                Of(type).Select(text => new TextUse(type.Name, text))
            ),
        ];
    }

    private static IEnumerable<string> Of(TypeDefinition type) =>
        type
            .Methods.Where(static method => method.HasBody)
            .SelectMany(static method => method.Body.Instructions)
            .Where(static instruction => instruction.OpCode == OpCodes.Ldstr)
            .Select(static instruction => (string)instruction.Operand)
            .Concat(type.NestedTypes.SelectMany(Of));
}
