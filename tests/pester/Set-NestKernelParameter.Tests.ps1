BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $class = 'NestVirt.PowerShell.Commands.SetNestKernelParameterCommand'
}

Describe 'Set-NestKernelParameter' {
    It 'refuses to set nothing' {
        { Set-NestKernelParameter -HostName none } | Should -Throw -ErrorId "RequestInvalid,$class"
    }

    It 'refuses recorded hosts' {
        Get-NestedSupport -SnapshotPath (Get-Recording amd-host) |
            Set-NestKernelParameter -Set iommu=pt -Remove amd_iommu @Quiet

        $failure[0].FullyQualifiedErrorId | Should -Be "HostRecorded,$class"
    }
}
