# Get-VmPciDevice over the answers of a Hyper-V host whose virtual machines own devices, written by hand from Microsoft's pages.

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    Import-StagedModule
    $file = "$RepositoryRoot/tests/fakes/hyperv-devices.json"
}

Describe 'Get-VmPciDevice' {
    It 'lists what virtual machines own, and whether the host still has it' {
        $owned = Get-VmPciDevice -SnapshotPath $file

        $owned | Should -BeOfType NestVirt.Model.VmPciDevice
        $owned.VmName | Should -Be render, render, store
        $owned.Place | Should -Be 0000:3b:00.0, 'PCIP\VEN_10DE&DEV_1EB8\6&3415A8A&0&00000019', 0000:5e:00.0
        $owned.IsKnownToHost | Should -Be $true, $false, $true
        $owned.Reasons.Code | Should -Be VmDeviceMissing
    }

    It 'keeps those of the virtual machines that -VMName names, by name and by id' {
        $all = Get-VmPciDevice -SnapshotPath $file

        (Get-VmPciDevice -SnapshotPath $file -VMName STO*).Place | Should -Be 0000:5e:00.0
        (Get-VmPciDevice -SnapshotPath $file -VMName $all[2].VmId).Place | Should -Be 0000:5e:00.0
        Get-VmPciDevice -SnapshotPath $file -VMName lab @Quiet | Should -BeNullOrEmpty
        "$($failure[0])" | Should -Match "PCI device of a virtual machine 'lab'"
    }

    It 'agrees with Get-NestPciDevice on who owns what' {
        $devices = Get-NestPciDevice -SnapshotPath $file | Where-Object OwnerVm

        $devices | ForEach-Object Address | Should -Be 0000:3b:00.0, 0000:5e:00.0
        $devices.OwnerVm | Should -Be render, store
    }

    It 'completes names that were listed' {
        $null = Get-VmPciDevice -SnapshotPath $file

        (TabExpansion2 -inputScript 'Get-VmPciDevice -VMName re' -cursorColumn 26).CompletionMatches.CompletionText |
            Should -Contain render
    }

    It 'is told of a host with KVM that this cannot be told of it' {
        Get-VmPciDevice -SnapshotPath (Get-Recording amd-host) @Quiet | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'FeatureNotSupported,*'
    }
}
