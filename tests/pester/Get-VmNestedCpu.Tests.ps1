# Get-VmNestedCpu over WS-Management, against stand-ins for Hyper-V hosts.

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    Import-StagedModule
    $standIn = Start-StandIn -Argument '--vms', '4'
    $old = Start-StandIn -Argument '--vendor', 'AuthenticAMD', '--build', '17763'
}

AfterAll {
    Stop-StandIn
}

Describe 'Get-VmNestedCpu' {
    It 'lists the virtual machines, and which of them can nest after their next start' {
        $guests = Get-VmNestedCpu @standIn

        $guests.VmName | Should -Be vm-0001, vm-0002, vm-0003, vm-0004
        $guests.Nesting | Should -Be Off, NextStart, Off, NextStart
        $guests.State | Should -Be Off, Off, Off, Off
        $guests.Verdict | Should -Be Configurable, Ready, Configurable, Ready
        $guests[0].Id | Should -Match '^[0-9A-F]{8}-'
        $guests[0].ConfigurationVersion | Should -Be '10.0'
    }

    It 'says that a virtual machine with the flag will not start on an old host with AMD' {
        $guest = Get-VmNestedCpu @old -VMName vm-0002

        $guest.Nesting | Should -Be WillNotStart
        $guest.Verdict | Should -Be Blocked
        ($guest.Reasons.Command -join "`n") | Should -Match '(?m)^Disable-NestedVirtualization .*-VMName vm-0002'
    }

    It 'keeps those that -VMName names, and says which is not there' {
        (Get-VmNestedCpu @standIn -VMName '*-000[12]').VmName | Should -Be vm-0001, vm-0002
        Get-VmNestedCpu @standIn -VMName vm-9 @Quiet | Should -BeNullOrEmpty
        "$($failure[0])" | Should -Match 'vm-9'
    }

    It 'is told of a host with KVM that this cannot be told of it' {
        Get-VmNestedCpu -SnapshotPath (Get-Recording amd-host) @Quiet | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'FeatureNotSupported,*'
    }
}
