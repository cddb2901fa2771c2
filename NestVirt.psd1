@{
    RootModule           = 'bin/NestVirt.PowerShell.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '5d3c1f0e-8a64-4b1e-9a4e-2f6b7c9d0e31'
    Author               = 'NestVirt contributors'
    CompanyName          = 'Community'
    Copyright            = '(c) 2026 NestVirt contributors. MIT License.'
    Description          = 'Tells whether KVM and Hyper-V hosts can nest virtualization and pass devices through, and makes it so.'
    PowerShellVersion    = '7.6'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @(
        'Formats/NestVirt.Changes.ChangePlan.Format.ps1xml'
        'Formats/NestVirt.Changes.ChangeResult.Format.ps1xml'
        'Formats/NestVirt.Changes.HostChange.Format.ps1xml'
        'Formats/NestVirt.Changes.JournalEntry.Format.ps1xml'
        'Formats/NestVirt.Hosts.HostTarget.Format.ps1xml'
        'Formats/NestVirt.Model.ConnectionCheck.Format.ps1xml'
        'Formats/NestVirt.Model.ConnectionStep.Format.ps1xml'
        'Formats/NestVirt.Model.Finding.Format.ps1xml'
        'Formats/NestVirt.Model.IommuDifference.Format.ps1xml'
        'Formats/NestVirt.Model.IommuGroup.Format.ps1xml'
        'Formats/NestVirt.Model.KvmModule.Format.ps1xml'
        'Formats/NestVirt.Model.ModuleParameter.Format.ps1xml'
        'Formats/NestVirt.Model.NestedSupport.Format.ps1xml'
        'Formats/NestVirt.Model.PciDevice.Format.ps1xml'
        'Formats/NestVirt.Model.SriovDevice.Format.ps1xml'
        'Formats/NestVirt.Model.VmNestedCpu.Format.ps1xml'
        'Formats/NestVirt.Model.VmPciDevice.Format.ps1xml'
        'Formats/NestVirt.Sessions.NestSession.Format.ps1xml'
    )
    TypesToProcess       = @('Formats/NestVirt.Types.ps1xml')
    CmdletsToExport      = @(
        'Add-VmPciDevice'
        'Compare-IommuGroup'
        'Disable-Iommu'
        'Disable-NestedVirtualization'
        'Enable-Iommu'
        'Enable-NestedVirtualization'
        'Export-NestPlan'
        'Export-NestSnapshot'
        'Get-IommuGroup'
        'Get-KvmModule'
        'Get-NestChange'
        'Get-NestedSupport'
        'Get-NestPciDevice'
        'Get-NestSession'
        'Get-SriovDevice'
        'Get-VmNestedCpu'
        'Get-VmPciDevice'
        'Invoke-NestPlan'
        'New-NestSession'
        'Optimize-VmNestedPerformance'
        'Remove-NestSession'
        'Remove-VmPciDevice'
        'Set-KvmModuleParameter'
        'Set-NestHugePage'
        'Set-NestKernelParameter'
        'Set-NestPciDriver'
        'Set-SriovVirtualFunction'
        'Set-VmNestedCpu'
        'Test-NestConnection'
        'Undo-NestChange'
    )
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Prerelease   = 'preview1'
            # Chosen here alone: the build takes the address of online help from ProjectUri.
            ProjectUri   = 'https://github.com/nestvirt/nestvirt'
            LicenseUri   = 'https://github.com/nestvirt/nestvirt/blob/main/LICENSE'
            ReleaseNotes = 'https://github.com/nestvirt/nestvirt/blob/main/CHANGELOG.md'
            Tags         = @(
                'PSEdition_Core', 'Windows', 'Linux', 'MacOS'
                'KVM', 'libvirt', 'NestedVirtualization', 'IOMMU', 'SRIOV', 'Passthrough'
            )
        }
    }
}
