@{
    RootModule           = 'bin/NestVirt.PowerShell.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '5d3c1f0e-8a64-4b1e-9a4e-2f6b7c9d0e31'
    Author               = 'NestVirt contributors'
    CompanyName          = 'Community'
    Copyright            = '(c) 2026 NestVirt contributors. MIT License.'
    Description          = 'Finds out whether KVM and Hyper-V hosts can nest virtualization and pass devices through, and makes it so.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    CmdletsToExport      = @(
        'Get-NestedSupport'
    )
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Prerelease = 'preview1'
            Tags       = @('PSEdition_Core', 'Windows', 'Linux', 'MacOS', 'KVM', 'libvirt', 'Hyper-V', 'NestedVirtualization', 'IOMMU')
        }
    }
}
