# Get-VmNestedCpu over WS-Management, against stand-ins for Hyper-V hosts; and over a KVM host that was recorded with libvirt.

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    Import-StagedModule
    $standIn = Start-StandIn -Argument '--vms', '4'
    $kvm = @{ SnapshotPath = Get-Recording libvirt/kvm1 }

    # The recorded KVM host with other answers of libvirt's.
    function Copy-Recording {
        [OutputType([string])]
        param([string[]] $Answer)

        $snapshot = Get-Content -Raw -Path $kvm.SnapshotPath | ConvertFrom-Json
        $snapshot.probes.guests = @($Answer) + ''
        $file = "$((Get-Item -Path TestDrive:/).FullName)/$([guid]::NewGuid()).json"
        $snapshot | ConvertTo-Json -Depth 4 | Set-Content -Path $file
        $file
    }

    $old = Start-StandIn -Argument '--vendor', 'AuthenticAMD', '--build', '17763'
}

AfterAll {
    Stop-StandIn
}

Describe 'Get-VmNestedCpu of a Hyper-V host' {
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
}

Describe 'Get-VmNestedCpu of a KVM host' {
    It 'lists the guests of libvirt, and which of them can nest, now or after their next start' {
        $guests = Get-VmNestedCpu @kvm

        $guests | Should -BeOfType NestVirt.Model.VmNestedCpu
        $guests.VmName | Should -Be (1..9 | ForEach-Object { "guest$_" })
        $guests.State | Should -Be Running, Paused, Off, Off, Off, Off, Off, Off, Saved
        $guests.Nesting | Should -Be Now, Now, NextStart, NextStart, Off, Off, WillNotStart, Unknown, Unknown
        $guests.Verdict | Should -Be Ready, Ready, Ready, Ready, Configurable, Configurable, Configurable, Configurable, Unknown
        $guests.HostName | Select-Object -Unique | Should -Be kvm1
        $guests[6].Reasons.Code | Should -Be VmWillNotStart, VmWrongVendor
    }

    It 'tells what runs from what is saved' {
        $changed = Get-VmNestedCpu @kvm | Where-Object IsRestartPending

        $changed.VmName | Should -Be guest1
        $changed.IsExposedNow | Should -BeTrue
        $changed.IsExposed | Should -BeFalse
        $changed.CpuMode | Should -Be custom
        $changed.CpuModel | Should -Be EPYC
        $changed.CpuFeatures | Should -Be 'disable svm'
        $changed.IsPersistent | Should -BeTrue
    }

    It 'tells the enlightenments, the devices and what starts with the host' {
        $guests = Get-VmNestedCpu @kvm

        $guests[4].Enlightenments | Should -Be relaxed, vapic
        $guests[5].AssignedDevices | Should -Be 0000:01:10.0
        ($guests | Where-Object IsStartedWithHost).VmName | Should -Be guest3
        ($guests | Where-Object IsPersistent -EQ $false).VmName | Should -Be guest2
        $guests[2].MemoryBytes | Should -Be 4GB
        $guests[3].ThreadsPerCore | Should -Be 2
    }

    It 'keeps those that -VMName names by name, wildcard or id' {
        (Get-VmNestedCpu @kvm -VMName GUEST3, '*[12]').VmName | Should -Be guest1, guest2, guest3
        (Get-VmNestedCpu @kvm -VMName 00000000-0000-4000-8000-000000000004).VmName | Should -Be guest4
        (Get-VmNestedCpu @kvm -VMName *).Count | Should -Be 9
    }

    It 'says which name no guest has, and keeps the others' {
        (Get-VmNestedCpu @kvm -VMName guest1, guest10 @Quiet).VmName | Should -Be guest1
        $failure.FullyQualifiedErrorId | Should -BeLike 'ValueNotFound,*'
        "$($failure[0])" | Should -Match 'guest10'
        Get-VmNestedCpu @kvm -VMName 'nothing*' @Quiet | Should -BeNullOrEmpty
        $failure | Should -BeNullOrEmpty
    }

    It 'finds the host again through the pipeline' {
        (Get-VmNestedCpu @kvm -VMName guest3 | Get-NestedSupport).HostName | Should -Be kvm1
    }

    It 'shows the properties of KVM in the list' {
        $text = Get-VmNestedCpu @kvm -VMName guest1 | Format-List | Out-String -Width 200

        $text | Should -Match '(?m)^CpuModel +: EPYC'
        $text | Should -Match '(?m)^CpuFeatures +: disable svm'
        $text | Should -Match '(?m)^IsRestartPending +: True'
        $text | Should -Match 'Warning VmRestartPending: '
    }

    It 'takes a host without libvirt for one without guests, with a warning and no error' {
        $file = Copy-Recording -Answer "absent`tvirsh"

        $guests = Get-VmNestedCpu -SnapshotPath $file -WarningVariable warning -WarningAction SilentlyContinue -ErrorVariable failure

        $guests | Should -BeNullOrEmpty
        $failure | Should -BeNullOrEmpty
        "$warning" | Should -Match 'has no libvirt'
    }

    It 'says <Said> where libvirt does not tell' -ForEach @(
        @{ Said = 'FeatureNotSupported'; Answer = "socket`t/run/libvirt/libvirt-sock", "absent`tvirsh" }
        @{ Said = 'HostTimeout'; Answer = "socket`t/run/libvirt/libvirt-sock", "status`t124" }
        @{ Said = 'HostPermissionDenied'; Answer = "closed`t/run/libvirt/libvirt-sock-ro", "status`t1" }
        @{ Said = 'FeatureNotSupported'; Answer = "status`t1", "error`terror: failed to connect to the hypervisor" }
    ) {
        $file = Copy-Recording -Answer $Answer

        Get-VmNestedCpu -SnapshotPath $file @Quiet | Should -BeNullOrEmpty

        $failure.FullyQualifiedErrorId | Should -BeLike "$Said,*"
    }

    It 'is told of a snapshot of before libvirt was asked that it holds no guests' {
        Get-VmNestedCpu -SnapshotPath (Get-Recording amd-host) @Quiet | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'SnapshotInvalid,*'
    }
}
