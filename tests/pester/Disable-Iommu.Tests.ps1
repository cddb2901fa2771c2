BeforeAll {
    . "$PSScriptRoot/common.ps1"
}

Describe 'Disable-Iommu' {
    It 'refuses recorded hosts' {
        Get-NestedSupport -SnapshotPath (Get-Recording amd-host) | Disable-Iommu @Quiet

        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Be 'HostRecorded,NestVirt.PowerShell.Commands.DisableIommuCommand'
    }
}
