using System.Globalization;
using NestVirt.PackageBuilder;

DateTimeOffset time = DateTimeOffset.FromUnixTimeSeconds(
    long.Parse(Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH")!, CultureInfo.InvariantCulture)
);
switch (args)
{
    case ["man", string folder]:
        ManualPages.Write(folder, time);
        return 0;
    case ["nupkg", string module, string folder]:
        Console.WriteLine(ModulePackage.Write(module, folder, time));
        return 0;
    case [("sbom" or "native-sbom") and string kind, string name, string version, string assets, string file]:
        BillOfMaterials.Write(file, name, version, ShippedPackage.ReadAll(assets, kind == "native-sbom"), time);
        return 0;
    case ["dotnet-notices", string assets, string file]:
        File.WriteAllBytes(file, File.ReadAllBytes(ShippedPackage.NoticesOfDotNet(assets)));
        return 0;
    default:
        Console.Error.WriteLine(
            """
            usage: PackageBuilder man FOLDER                          the manual pages of the command-line program
                   PackageBuilder nupkg MODULE FOLDER                 a staged module as a package; prints its path
                   PackageBuilder sbom NAME VERSION ASSETS FILE       what ships, of a project.assets.json (CycloneDX)
                   PackageBuilder native-sbom …                       the same of a native program, with .NET
                   PackageBuilder dotnet-notices ASSETS FILE          the notices of the .NET that a native program contains
            SOURCE_DATE_EPOCH is the time that all of it has.
            """
        );
        return 2;
}
