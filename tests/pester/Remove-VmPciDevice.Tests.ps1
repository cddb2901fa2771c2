# Devices taken back from virtual machines: of stand-ins for Hyper-V hosts, and of a recorded KVM host.

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $class = 'NestVirt.PowerShell.Commands.RemoveVmPciDeviceCommand'
    $devices = '0000:3b:00.0', '0000:18:00.0'
    $state = $env:XDG_STATE_HOME
    $env:XDG_STATE_HOME = (New-Item -ItemType Directory -Path TestDrive:/state).FullName
}

AfterAll {
    $env:XDG_STATE_HOME = $state
}

Describe 'Remove-VmPciDevice' {
    BeforeEach {
        $hv = Start-StandIn -Argument '--vms', '0', '--vm', 'lab', '--vm', 'other'
        Add-VmPciDevice @hv -VMName lab -Device $devices -Force -WarningAction SilentlyContinue
    }

    AfterEach {
        Stop-StandIn
    }

    It 'takes a device back, and Undo-NestChange gives it again' {
        $made = Remove-VmPciDevice @hv -VMName lab -Device $devices[0] -PassThru

        $made.State, $made.Changes.Count | Should -Be InEffect, 3
        (Get-VmPciDevice @hv).Address | Should -Be $devices[1]

        # The host uses it by now.
        Undo-NestChange @hv -Id $made.Id -Confirm:$false @Quiet
        "$failure" | Should -Match 'The host uses the device'

        Undo-NestChange @hv -Id $made.Id -Force -Confirm:$false
        Get-VmPciDevice @hv | ForEach-Object Place | Sort-Object | Should -Be ($devices | Sort-Object)
    }

    It 'takes <Name>, with the virtual machine that they name' -ForEach @(
        @{ Name = 'what Get-VmPciDevice writes'; Read = { Get-VmPciDevice @hv } }
        @{ Name = 'what Get-NestPciDevice writes'; Read = { Get-NestPciDevice @hv | Where-Object OwnerVm } }
        @{
            Name = 'rows of a file'
            Read = {
                Get-VmPciDevice @hv | Export-Csv -Path TestDrive:/owned.csv
                Import-Csv -Path TestDrive:/owned.csv
            }
        }
    ) {
        $made = & $Read | Remove-VmPciDevice -Credential $hv.Credential -PassThru

        # Both devices of the one virtual machine are one change.
        @($made).Count, $made.Changes.Count | Should -Be 1, 6
        Get-VmPciDevice @hv | Should -BeNullOrEmpty
    }

    It 'refuses what another virtual machine has' {
        Remove-VmPciDevice @hv -VMName other -Device $devices[0] @Quiet

        $failure.FullyQualifiedErrorId | Should -Be "ChangeRefused,$class"
        "$failure" | Should -Match 'The virtual machine lab has the device'
    }

    It 'leaves alone what the host has already' {
        Remove-VmPciDevice @hv -VMName lab -Device $devices[0]

        (Remove-VmPciDevice @hv -VMName lab -Device $devices[0] -PassThru).State | Should -Be Unchanged
    }
}

Describe 'Remove-VmPciDevice of a KVM host' {
    BeforeAll {
        if (-not ('NestVirt.Testing.GuestSnapshot' -as [type])) {
            Add-Type -Path "$RepositoryRoot/tests/shared/GuestSnapshot.cs"
        }

        $kvm = Join-Path $TestDrive 'kvm1.json'
        [NestVirt.Testing.GuestSnapshot]::WriteDevices((Get-Recording amd-epyc-vfs), $kvm)
    }

    It 'takes what Get-VmPciDevice writes, with the guest that it names' {
        $owned = Get-VmPciDevice -SnapshotPath $kvm -VMName whole

        $owned | Remove-VmPciDevice -WhatIf @Quiet
        $failure | Should -BeNullOrEmpty

        # Without the columns that name it, no guest is named.
        $owned | Select-Object -Property Target, HostName, Address | Remove-VmPciDevice -WhatIf @Quiet
        @($failure).FullyQualifiedErrorId | Sort-Object -Unique | Should -Be "RequestInvalid,$class"
        "$($failure[0])" | Should -Match 'names no virtual machine'
    }

    It 'plans what Get-VmPciDevice writes as one change' {
        $plan = Get-VmPciDevice -SnapshotPath $kvm -VMName whole | Remove-VmPciDevice -AsPlan

        $plan.Changes.Setting | Should -Be 'whole: 0000:07:00.0, 0000:08:00.0'
    }

    It 'refuses whole groups of a Hyper-V host' {
        $hv = @{ SnapshotPath = "$RepositoryRoot/tests/fakes/hyperv-devices.json"; VMName = 'render' }

        Remove-VmPciDevice @hv -Device 0000:3b:00.0 -WholeGroup -WhatIf @Quiet

        $failure.FullyQualifiedErrorId | Should -Be "FeatureNotSupported,$class"
        "$failure" | Should -BeLike '*not: whole IOMMU groups.'
    }

    It 'says nothing of how a guest has what goes' {
        $names = (Get-Command Add-VmPciDevice).Parameters.Keys |
            Where-Object { $_ -notin (Get-Command Remove-VmPciDevice).Parameters.Keys }

        $names | Sort-Object | Should -Be @(
            'GuestAddress', 'HighMemoryMappedIoSpace', 'LowMemoryMappedIoSpace', 'MacAddress', 'Multifunction'
            'NoRom', 'RomFile', 'Unmanaged', 'VlanId')
    }

    It 'completes guests and devices that were listed' {
        $null = Get-VmPciDevice -SnapshotPath $kvm

        (TabExpansion2 -inputScript 'Remove-VmPciDevice -VMName seco').CompletionMatches.CompletionText | Should -Contain second
        (TabExpansion2 -inputScript 'Remove-VmPciDevice -Device 0000:01:1').CompletionMatches.CompletionText |
            Should -Contain 0000:01:10.0
    }
}
