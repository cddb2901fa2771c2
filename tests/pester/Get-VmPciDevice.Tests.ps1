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
}

Describe 'Get-VmPciDevice of a KVM host' {
    BeforeAll {
        if (-not ('NestVirt.Testing.GuestSnapshot' -as [type])) {
            Add-Type -Path "$RepositoryRoot/tests/shared/GuestSnapshot.cs"
        }

        $kvm = Join-Path $TestDrive 'kvm1.json'
        [NestVirt.Testing.GuestSnapshot]::WriteDevices((Get-Recording amd-epyc-vfs), $kvm)
    }

    It 'lists what guests of libvirt own, in what runs and in what is saved' {
        $owned = Get-VmPciDevice -SnapshotPath $kvm

        $owned.VmName | Should -Be disk, gone, gone, half, hot, hot, net, old, raw, second, vf, whole, whole
        ($owned | Where-Object VmName -EQ hot).IsAttached | Should -Be $false, $true
        ($owned | Where-Object VmName -EQ hot).IsRestartPending | Should -Be $true, $true
        $adapter = $owned | Where-Object VmName -EQ vf
        "$($adapter.Kind)", $adapter.MacAddress, $adapter.Network, $adapter.PhysicalFunction |
            Should -Be NetworkAdapter, 52:54:00:6d:90:02, pool, 0000:01:00.0
        $adapter.Vlans | Should -Be 42
        $adapter.IsDefined | Should -BeNullOrEmpty
    }

    It 'says what keeps guests from starting, and what the host would lose' {
        $grave = Get-VmPciDevice -SnapshotPath $kvm | Where-Object { $_.Reasons | Where-Object Severity -EQ Error }

        $grave | ForEach-Object { "$($_.VmName) $($_.Reasons[0].Code)" } | Should -Be @(
            'disk UsedByHost', 'gone VmDeviceMissing', 'gone VmDeviceMissing', 'half GroupNotViable', 'hot GroupNotViable'
            'net VmDeviceMissing', 'old VmDeviceLegacyDriver', 'raw VmDeviceMissing', 'second VmDeviceShared')
    }

    It 'completes the names of guests that were listed' {
        $null = Get-VmPciDevice -SnapshotPath $kvm

        (TabExpansion2 -inputScript 'Get-VmPciDevice -VMName seco' -cursorColumn 28).CompletionMatches.CompletionText |
            Should -Contain second
    }

    It 'takes a recording without libvirt for an error, as it cannot tell' {
        Get-VmPciDevice -SnapshotPath (Get-Recording amd-host) @Quiet | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'SnapshotInvalid,*'
    }
}
