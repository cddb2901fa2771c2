BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $class = 'NestVirt.PowerShell.Commands.SetSriovVirtualFunctionCommand'
}

Describe 'Set-SriovVirtualFunction' {
    It 'refuses <Name>' -ForEach @(
        @{ Name = 'to set nothing'; Arguments = @{} }
        @{ Name = 'a setting of no function'; Arguments = @{ Count = 2; Vlan = 100 } }
        @{ Name = 'a function without a setting'; Arguments = @{ Count = 2; Index = 0 } }
    ) {
        { Set-SriovVirtualFunction -HostName none -Address 0000:01:00.0 @Arguments } |
            Should -Throw -ErrorId "RequestInvalid,$class"
    }

    It 'refuses <_>, before it connects' -ForEach '01:00:00:00:00', 'x', '00:11:22:33:44:55:66' {
        { Set-SriovVirtualFunction -HostName none -Address 0000:01:00.0 -Index 0 -MacAddress $_ } |
            Should -Throw -ErrorId "ParameterArgumentValidationError,$class"
    }

    It 'refuses <Name>, before it connects' -ForEach @(
        @{ Name = 'what is no address'; Arguments = @{ Address = 'zz'; Count = 1 } }
        @{ Name = 'a group'; Arguments = @{ Address = '01:00.0'; Index = 0; MacAddress = '01:00:00:00:00:01' } }
    ) {
        { Set-SriovVirtualFunction -HostName none @Arguments } | Should -Throw -ErrorId "RequestInvalid,$class"
    }

    It 'does not take the VLAN 4095, which is reserved' {
        { Set-SriovVirtualFunction -HostName none -Address 0000:01:00.0 -Index 0 -Vlan 4095 } |
            Should -Throw -ErrorId "ParameterArgumentValidationError,$class"
    }

    It 'takes the host and the address of each device from the pipeline' {
        $devices = Get-SriovDevice -SnapshotPath (Get-Recording amd-epyc-vfs)
        $devices | Should -Not -BeNullOrEmpty
        $devices | Set-SriovVirtualFunction -Count 1 @Quiet

        $failure | Should -HaveCount @($devices).Count
        $failure[0].FullyQualifiedErrorId | Should -Be "HostRecorded,$class"
        $failure[0].TargetObject | Should -Be $devices[0].Target
        Complete 'Set-SriovVirtualFunction -Address ' | Should -Contain $devices[0].Address
    }
}
