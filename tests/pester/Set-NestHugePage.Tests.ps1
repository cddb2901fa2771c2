BeforeDiscovery {
    $noSsh = $IsWindows -or -not ((Get-Command -Name sshd -ErrorAction Ignore) -or (Test-Path -Path /usr/sbin/sshd))
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $class = 'NestVirt.PowerShell.Commands.SetNestHugePageCommand'
}

Describe 'Set-NestHugePage' {
    It 'refuses a size of <_>' -ForEach 'x', '2T', '-2M', '0', '1000', 'M', '2 MB' {
        { Set-NestHugePage -HostName none -Size $_ -Count 1 } | Should -Throw -ErrorId "RequestInvalid,$class"
    }

    It 'offers sizes' {
        Complete 'Set-NestHugePage -Size ' | Should -Be 2MB, 1GB
    }

    It 'takes a size of <_>' -ForEach '2MB', 2MB, '2M', '2MiB', '2048k', '2097152' {
        Get-NestedSupport -SnapshotPath (Get-Recording amd-host) | Set-NestHugePage -Size $_ -Count 1 @Quiet

        # All that is wrong is the host.
        $failure.FullyQualifiedErrorId | Should -Be "HostRecorded,$class"
    }
}

Describe 'Set-NestHugePage on a host' -Skip:$noSsh {
    BeforeAll {
        $folder = (Get-Item -Path TestDrive:/).FullName
        $tree = "$folder/tree"
        $kvm = Start-TreeHost "$folder/sshd" $tree
        $pool = "$tree/sys/kernel/mm/hugepages/hugepages-2048kB"
        $null = New-Item -ItemType Directory -Path $pool
        Set-Content -Path "$pool/nr_hugepages", "$pool/free_hugepages" -Value 0
        Set-Content -Path "$tree/proc/meminfo" -Value (
            'MemTotal: 8000000 kB', 'MemFree: 7000000 kB', 'MemAvailable: 6000000 kB', 'Hugepagesize: 2048 kB'
        )
        $before = Get-TreeState $tree
    }

    AfterAll {
        Stop-TestHost "$folder/sshd"
    }

    It 'makes pages until the next boot, and takes them back' {
        $result = Set-NestHugePage @kvm -Size 2MB -Count 64 -Temporary -PassThru

        $result.State | Should -Be InEffect
        Get-Content -Path "$pool/nr_hugepages" | Should -Be 64
        $result | Undo-NestChange
        Get-TreeState $tree -WithoutJournal | Should -Be $before
    }
}
