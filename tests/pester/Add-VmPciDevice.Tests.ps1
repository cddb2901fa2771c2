# Devices given to virtual machines: of stand-ins for Hyper-V hosts, each with a journal of its own in a folder of these tests,
# and of a recorded KVM host.

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

    It 'refuses of a Hyper-V host: <Wish>' -ForEach @(
        @{ Wish = 'whole IOMMU groups'; With = @{ WholeGroup = $true } }
        @{ Wish = 'drivers that are left as they are'; With = @{ Unmanaged = $true } }
        @{ Wish = 'a MAC address'; With = @{ MacAddress = '52:54:00:12:34:56' } }
        @{ Wish = 'a VLAN'; With = @{ VlanId = 4094 } }
        @{ Wish = 'an address in the virtual machine'; With = @{ GuestAddress = '05:00.0' } }
        @{ Wish = 'another ROM'; With = @{ NoRom = $true } }
        @{ Wish = 'another ROM'; With = @{ RomFile = '/srv/card.rom' } }
    ) {
        $hv = @{ SnapshotPath = "$RepositoryRoot/tests/fakes/hyperv-devices.json"; VMName = 'render' }

        Add-VmPciDevice @hv -Device 0000:18:00.0 @With -WhatIf @Quiet

        $failure.FullyQualifiedErrorId | Should -Be "FeatureNotSupported,$class"
        "$failure" | Should -BeLike "*not: $Wish."
    }
}

Describe 'Add-VmPciDevice of a KVM host' {
    BeforeAll {
        if (-not ('NestVirt.Testing.GuestSnapshot' -as [type])) {
            Add-Type -Path "$RepositoryRoot/tests/shared/GuestSnapshot.cs"
        }

        $kvm = Join-Path $TestDrive 'kvm1.json'
        [NestVirt.Testing.GuestSnapshot]::WriteDevices((Get-Recording amd-epyc-vfs), $kvm)
        $card = @{ HostName = 'kvm1'; VMName = 'lab'; Device = '0000:01:00.0' }
        $mac = '52:54:00:12:34:56'
    }

    It 'is told before any host is reached: <Text>' -ForEach @(
        @{ Text = 'is no MAC address of one device'; With = @{ MacAddress = '53:54:00:12:34:56' } }
        @{ Text = 'is no PCI address in a virtual machine'; With = @{ GuestAddress = '0001:05:00.0' } }
        @{ Text = 'is no whole path'; With = @{ RomFile = './card.rom' } }
        @{ Text = 'and not both'; With = @{ RomFile = '/srv/card.rom'; NoRom = $true } }
        @{ Text = 'need an address in the virtual machine'; With = @{ Multifunction = $true } }
        @{ Text = 'several are named'; With = @{ Device = '01:00.0', '01:00.1'; VlanId = 1 } }
        @{ Text = 'several are named'; With = @{ Device = '01:00.0', '01:00.1'; GuestAddress = '05:00.0' } }
    ) {
        $all = $card + @{}
        foreach ($name in $With.Keys) {
            $all[$name] = $With[$name]
        }

        { Add-VmPciDevice @all } | Should -Throw "*$Text*" -ErrorId "RequestInvalid,$class"
    }

    It 'does not take -<Parameter> <Value>' -ForEach @(
        @{ Parameter = 'VlanId'; Value = 0 }
        @{ Parameter = 'VlanId'; Value = 4095 }
        @{ Parameter = 'MacAddress'; Value = '52-54-00-12-34-56' }
        @{ Parameter = 'MacAddress'; Value = "'/><x a='" }
        @{ Parameter = 'GuestAddress'; Value = '' }
        @{ Parameter = 'RomFile'; Value = '' }
    ) {
        $wrong = @{ $Parameter = $Value }

        { Add-VmPciDevice @card @wrong } | Should -Throw -ErrorId "ParameterArgumentValidationError,$class"
    }

    It 'takes devices of the pipeline together, each by its address: <Name>' -ForEach @(
        @{ Name = 'what Get-VmPciDevice writes'; Read = { Get-VmPciDevice -SnapshotPath $kvm -VMName whole } }
        @{
            Name = 'what Get-NestPciDevice writes'
            Read = { Get-NestPciDevice -SnapshotPath $kvm | Where-Object Address -In 0000:01:10.0, 0000:01:10.2 }
        }
        @{
            Name = 'rows of a file'
            Read = {
                Get-VmPciDevice -SnapshotPath $kvm -VMName whole | Export-Csv -Path TestDrive:/devices.csv
                Import-Csv -Path TestDrive:/devices.csv
            }
        }
    ) {
        $devices = & $Read
        @($devices).Count | Should -Be 2

        # One of them alone may have the address; of both together that is said.
        $devices | Add-VmPciDevice -VMName lab -MacAddress $mac -WhatIf @Quiet

        @($failure).Count | Should -Be 1
        $failure.FullyQualifiedErrorId | Should -Be "RequestInvalid,$class"
        "$failure" | Should -Match 'several are named'
    }

    It 'does not take what the pipeline says of a device for a wish' {
        $parameters = (Get-Command Add-VmPciDevice).Parameters

        foreach ($name in 'VMName', 'MacAddress', 'VlanId', 'GuestAddress', 'RomFile', 'WholeGroup', 'Unmanaged') {
            $parameters[$name].ParameterSets.Values.ValueFromPipelineByPropertyName | Should -Not -Contain $true
        }
    }

    It 'completes guests and devices that were listed' {
        $null = Get-VmPciDevice -SnapshotPath $kvm

        (TabExpansion2 -inputScript 'Add-VmPciDevice -VMName seco').CompletionMatches.CompletionText | Should -Contain second
        (TabExpansion2 -inputScript 'Add-VmPciDevice -Device 0000:01:1').CompletionMatches.CompletionText |
            Should -Contain 0000:01:10.0
    }

    It 'plans a virtual function as an adapter with its wishes' {
        $plan = Add-VmPciDevice -SnapshotPath $kvm -VMName hot -Device 0000:01:10.2 -MacAddress $mac -VlanId 7 -AsPlan

        $plan.Changes.Setting | Should -Be 'hot: 0000:01:10.2'
        $plan.Changes.To | Should -Be "network adapter, MAC address $mac, VLAN 7"
        $plan.Pending.Code | Should -Be VmRestartPending
    }

    It 'plans what the pipeline names as one change of one guest' {
        $plan = Get-NestPciDevice -SnapshotPath $kvm | Where-Object Address -In 0000:03:00.0, 0000:03:00.1 |
            Add-VmPciDevice -VMName net -AsPlan

        @($plan).Count | Should -Be 1
        $plan.Changes.Setting | Should -Be 'net: 0000:03:00.0, 0000:03:00.1'
    }

    It 'refuses what the host lives by, with -Force as well' {
        Add-VmPciDevice -SnapshotPath $kvm -VMName net -Device 0000:00:01.0 -Force -AsPlan @Quiet

        $failure.FullyQualifiedErrorId | Should -Be "ChangeRefused,$class"
        "$failure" | Should -Match 'The host itself needs 0000:00:01.0'
    }
}
