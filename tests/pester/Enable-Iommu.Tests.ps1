BeforeAll {
    . "$PSScriptRoot/common.ps1"
}

Describe 'Enable-Iommu' {
    It 'refuses recorded hosts' {
        Get-NestedSupport -SnapshotPath (Get-Recording amd-host) | Enable-Iommu -Passthrough $true @Quiet

        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Be 'HostRecorded,NestVirt.PowerShell.Commands.EnableIommuCommand'
    }
}
