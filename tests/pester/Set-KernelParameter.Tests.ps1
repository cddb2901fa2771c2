BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $class = 'NestVirt.PowerShell.Commands.SetKernelParameterCommand'
}

Describe 'Set-KernelParameter' {
    It 'refuses to set nothing' {
        { Set-KernelParameter -HostName none } | Should -Throw -ErrorId "RequestInvalid,$class"
    }

    It 'refuses recorded hosts' {
        Get-NestedSupport -SnapshotPath (Get-Recording amd-host) |
            Set-KernelParameter -Set iommu=pt -Remove amd_iommu @Quiet

        $failure[0].FullyQualifiedErrorId | Should -Be "HostRecorded,$class"
    }
}
