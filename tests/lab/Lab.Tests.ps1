BeforeDiscovery {
    $noLab = -not $env:NESTVIRT_LAB_AMD
}

BeforeAll {
    . "$PSScriptRoot/../pester/common.ps1"
    Import-StagedModule
    $target = $env:NESTVIRT_LAB_AMD

    # The hosts are disposable: their keys are not pinned.
    $options = @{ StrictHostKeyChecking = 'no'; UserKnownHostsFile = '/dev/null'; IdentitiesOnly = 'yes' }
    $kvm = @{ HostName = $target; KeyFilePath = $env:NESTVIRT_LAB_KEY; Options = $options }
    $spare = '0000:04:00.0'
    $physical = '0000:01:00.0'

    # The test's own look at the host.
    function Read-LabHost {
        param([string] $Script)

        $name, $port = $target -split ':'
        $ssh = $options.GetEnumerator() | ForEach-Object { '-o', "$($_.Key)=$($_.Value)" }
        $said = & ssh -i $env:NESTVIRT_LAB_KEY -p $port @ssh -o LogLevel=ERROR -o BatchMode=yes $name $Script
        $LASTEXITCODE | Should -Be 0 -Because $Script
        $said -join "`n"
    }

    function Invoke-Program {
        $ssh = $options.GetEnumerator() | ForEach-Object { '--ssh-option', "$($_.Key)=$($_.Value)" }
        & "$RepositoryRoot/artifacts/bin/nestvirt" @args --identity $env:NESTVIRT_LAB_KEY @ssh
    }

    # Every setting that a change may touch, as a file or in the kernel.
    function Get-LabState {
        param([string] $Journal)

        Read-LabHost @"
find /etc /boot $Journal -xdev -type f -exec sha256sum {} + | sort -k 2
grep . /sys/module/kvm*/parameters/* /sys/devices/system/node/node*/hugepages/*/nr_hugepages
grep . /sys/bus/pci/devices/*/sriov_numvfs /sys/bus/pci/devices/*/driver_override
for d in /sys/bus/pci/devices/*; do readlink "`$d/driver" || echo none; done
"@
    }
}

Describe 'The cmdlets on a KVM host' -Skip:$noLab {
    # What a test that failed in the middle has left would fail the others.
    AfterEach {
        Get-NestChange @kvm | Where-Object CanUndo | ForEach-Object { $_ | Undo-NestChange -Force -Confirm:$false }
    }

    It 'write nothing with -WhatIf' {
        $null = Read-LabHost 'mkdir -p /var/lib/nestvirt'
        $before = Get-LabState /var/lib/nestvirt

        Disable-NestedVirtualization @kvm -WhatIf
        Set-KvmModuleParameter @kvm -Module kvm_amd -Parameter @{ dump_invalid_vmcb = 1 } -WhatIf
        Set-SriovVirtualFunction @kvm -Address $physical -Count 2 -WhatIf
        Set-NestPciDriver @kvm -Address $spare -Driver vfio-pci -WhatIf
        Set-NestHugePage @kvm -Size 2MB -Count 16 -Node 0 -WhatIf

        Get-LabState /var/lib/nestvirt | Should -Be $before
    }

    It 'turn nesting off, tell of it, and take it back byte for byte' {
        $before = Read-LabHost 'find /etc/modprobe.d -type f -exec sha256sum {} + | sort'
        $off = Disable-NestedVirtualization @kvm -PassThru -Confirm:$false

        $off.State | Should -Be InEffect
        Read-LabHost 'cat /sys/module/kvm_amd/parameters/nested' | Should -Be 0
        (Get-NestedSupport @kvm).Verdict | Should -Be Configurable
        (Get-NestChange @kvm)[0].Effect | Should -Be InEffect

        ($off | Undo-NestChange -PassThru -Confirm:$false).State | Should -Be Undone
        Read-LabHost 'cat /sys/module/kvm_amd/parameters/nested' | Should -Be 1
        Read-LabHost 'find /etc/modprobe.d -type f -exec sha256sum {} + | sort' | Should -Be $before
    }

    It 'take plans from the pipeline and from files' {
        $file = Disable-NestedVirtualization @kvm -AsPlan | Export-NestPlan -Path TestDrive:/plan.json -PassThru
        Read-LabHost 'cat /sys/module/kvm_amd/parameters/nested' | Should -Be 1

        $result = $file | Invoke-NestPlan -KeyFilePath $kvm.KeyFilePath -Options $options -PassThru -Confirm:$false
        $result.State | Should -Be InEffect
        Read-LabHost 'cat /sys/module/kvm_amd/parameters/nested' | Should -Be 0
        $result | Undo-NestChange -Confirm:$false
    }

    It 'take functions from one another, and refuse the disk that the host runs from' {
        $device = Get-NestPciDevice @kvm -Address $spare
        $bound = $device | Set-NestPciDriver -Driver vfio-pci -Temporary -PassThru -Confirm:$false
        (Get-NestPciDevice @kvm -Address $spare).Driver | Should -Be vfio-pci
        $bound | Undo-NestChange -Confirm:$false
        (Get-NestPciDevice @kvm -Address $spare).Driver | Should -Be $device.Driver

        $disk = Read-LabHost 'basename "$(readlink -f /sys/block/vda/device/..)"'
        Set-NestPciDriver @kvm -Address $disk -Driver vfio-pci -WholeGroup -Force @Quiet
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ChangeRefused,*'
    }
}

Describe 'nestvirt on a KVM host' -Skip:$noLab {
    AfterEach {
        Get-NestChange @kvm | Where-Object CanUndo | ForEach-Object { $_ | Undo-NestChange -Force -Confirm:$false }
    }

    It 'says <Words>, and undo takes it back' -ForEach @(
        @{ Words = 'disable nesting'; Look = 'cat /sys/module/kvm_amd/parameters/nested'; Made = '0' }
        @{
            Words = 'set module kvm_amd dump_invalid_vmcb=1'
            Look  = 'cat /sys/module/kvm_amd/parameters/dump_invalid_vmcb'
            Made  = 'Y'
        }
        @{
            Words = 'set sriov --address 0000:01:00.0 --count 3'
            Look  = 'cat /sys/bus/pci/devices/0000:01:00.0/sriov_numvfs'
            Made  = '3'
        }
        @{
            Words = 'set driver --address 0000:04:00.0 --driver vfio-pci'
            Look  = 'basename "$(readlink /sys/bus/pci/devices/0000:04:00.0/driver)"'
            Made  = 'vfio-pci'
        }
        @{
            Words = 'set hugepages --size 2M --count 64 --node 0'
            Look  = 'cat /sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages'
            Made  = '64'
        }
    ) {
        $files = Get-LabState
        $before = Read-LabHost $Look
        $verb, $noun, $rest = -split $Words

        $null = Invoke-Program $verb $noun $target @rest --yes
        $LASTEXITCODE | Should -Be 0
        Read-LabHost $Look | Should -Be $Made

        $history = Invoke-Program history $target --output json | ConvertFrom-Json
        $history.results[0].state | Should -Be Applied
        $null = Invoke-Program undo $target --yes
        $LASTEXITCODE | Should -Be 0
        Read-LabHost $Look | Should -Be $before
        Get-LabState | Should -Be $files
    }

    It 'plans into a file, and applies it' {
        $file = "$((Get-Item -Path TestDrive:/).FullName)/plan.json"
        $null = Invoke-Program disable nesting $target --plan $file
        $LASTEXITCODE | Should -Be 0
        Read-LabHost 'cat /sys/module/kvm_amd/parameters/nested' | Should -Be 1

        $null = Invoke-Program apply $file --yes
        $LASTEXITCODE | Should -Be 0
        Read-LabHost 'cat /sys/module/kvm_amd/parameters/nested' | Should -Be 0
        $null = Invoke-Program undo $target --yes
        Read-LabHost 'cat /sys/module/kvm_amd/parameters/nested' | Should -Be 1
    }
}
