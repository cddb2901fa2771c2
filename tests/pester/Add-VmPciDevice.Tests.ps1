# Devices of stand-ins for Hyper-V hosts, given to virtual machines. Each host has a journal of its own, in a folder of these tests.

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $class = 'NestVirt.PowerShell.Commands.AddVmPciDeviceCommand'
    $gpu = '0000:3b:00.0'
    $state = $env:XDG_STATE_HOME
    $env:XDG_STATE_HOME = (New-Item -ItemType Directory -Path TestDrive:/state).FullName
}

AfterAll {
    $env:XDG_STATE_HOME = $state
}

Describe 'Add-VmPciDevice' {
    AfterEach {
        Stop-StandIn
    }

    It 'gives a device to a virtual machine, and Undo-NestChange gives it back' {
        $hv = Start-StandIn -Argument '--vms', '0', '--vm', 'lab'

        Add-VmPciDevice @hv -VMName lab -Device $gpu -Force -WhatIf | Should -BeNullOrEmpty
        Get-VmPciDevice @hv | Should -BeNullOrEmpty

        Add-VmPciDevice @hv -VMName lab -Address $gpu -Force | Should -BeNullOrEmpty
        $owned = Get-VmPciDevice @hv
        $owned.VmName, $owned.Address | Should -Be lab, $gpu

        Get-NestChange @hv | Undo-NestChange -Credential $hv.Credential -Confirm:$false
        Get-VmPciDevice @hv | Should -BeNullOrEmpty
        (Get-NestPciDevice @hv | Where-Object Address -EQ $gpu).Driver | Should -Be nvlddmkm
    }

    It 'takes devices of the pipeline, by where they are plugged in and not by their names' {
        $hv = Start-StandIn -Argument '--vms', '0', '--vm', 'lab'

        $made = Get-NestPciDevice @hv | Where-Object Address -EQ $gpu |
            Add-VmPciDevice -Credential $hv.Credential -VMName lab -Force -PassThru

        $made.State | Should -Be InEffect
        $made.Changes[0].Step.Arguments | Should -Contain 'PCIROOT(3A)#PCI(0000)#PCI(0000)'
        (Get-VmPciDevice @hv).Address | Should -Be $gpu
    }

    It 'gives devices of the pipeline together' {
        $hv = Start-StandIn -Argument '--vms', '0', '--vm', 'lab'

        $made = Get-NestPciDevice @hv | Where-Object Address -In $gpu, '0000:18:00.0' |
            Add-VmPciDevice -Credential $hv.Credential -VMName lab -Force -PassThru

        @($made).Count | Should -Be 1
        (Get-VmPciDevice @hv).Count | Should -Be 2
    }

    It 'gives room for the memory of devices as it was told' {
        $hv = Start-StandIn -Argument '--vms', '0', '--vm', 'lab'
        $room = @{ LowMemoryMappedIoSpace = 1GB; HighMemoryMappedIoSpace = 33280MB }

        $plan = Add-VmPciDevice @hv -VMName lab -Device $gpu @room -Force -AsPlan

        "$($plan.Changes)" | Should -Match 'LowMmioGapSize: 128 -> 1024'
        "$($plan.Changes)" | Should -Match 'HighMmioGapSize: 512 -> 33280'
    }

    It 'refuses what the host uses, unless that is said' {
        $hv = Start-StandIn -Argument '--vms', '0', '--vm', 'lab'

        Add-VmPciDevice @hv -VMName lab -Device $gpu @Quiet
        $failure.FullyQualifiedErrorId | Should -Be "ChangeRefused,$class"
        "$failure" | Should -Match 'The host uses the device'
    }

    It 'is told: <Name>' -ForEach @(
        @{ Name = 'no device'; With = @{ VMName = 'lab' }; Text = 'No device is named' }
        @{ Name = 'a blank virtual machine'; With = @{ VMName = ' '; Device = '01:00.0' }; Text = 'names no virtual' }
        @{ Name = 'no such form'; With = @{ VMName = 'lab'; Device = 'GPU' }; Text = "'GPU' names no device" }
    ) {
        { Add-VmPciDevice -ComputerName hv1 @With } | Should -Throw "*$Text*" -ErrorId "RequestInvalid,$class"
    }

    It 'is told: a KVM host' {
        Add-VmPciDevice -SnapshotPath (Get-Recording amd-host) -VMName lab -Device $gpu -WhatIf @Quiet

        $failure.FullyQualifiedErrorId | Should -Be "FeatureNotSupported,$class"
    }
}
