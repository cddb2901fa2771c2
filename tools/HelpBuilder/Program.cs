using System.Reflection;
using NestVirt.HelpBuilder;

// ONLINE is the address of the folder of pages.
if (args is not [string source, string module, string target, string online])
{
    Console.Error.WriteLine("Usage: HelpBuilder SOURCE MODULE.dll TARGET ONLINE");
    return 2;
}

IReadOnlyList<HelpFormatException> errors = HelpFolder.Build(
    source,
    Assembly.LoadFrom(Path.GetFullPath(module)),
    target,
    online
);
foreach (HelpFormatException error in errors)
{
    Console.Error.WriteLine(error.Message);
}

return errors.Count == 0 ? 0 : 1;
