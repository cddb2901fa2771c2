BeforeDiscovery {
    $noSsh = $IsWindows -or -not ((Get-Command -Name sshd -ErrorAction Ignore) -or (Test-Path -Path /usr/sbin/sshd))
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
}

Describe 'Disable-NestedVirtualization' -Skip:$noSsh {
    BeforeAll {
        $folder = (Get-Item -Path TestDrive:/).FullName
        $tree = "$folder/tree"
        $kvm = Start-TreeHost "$folder/sshd" $tree
        $before = Get-TreeState $tree
    }

    AfterAll {
        Stop-TestHost "$folder/sshd"
    }

    It 'turns nesting off again, which two steps back undo' {
        $on = Enable-NestedVirtualization @kvm -PassThru
        $off = Disable-NestedVirtualization @kvm -PassThru

        Get-Content -Path "$tree/sys/module/kvm_intel/parameters/nested" | Should -Be N
        Get-Content -Path "$tree/etc/modprobe.d/nestvirt.conf" | Should -Contain 'options kvm_intel nested=0'
        $off, $on | Undo-NestChange
        Get-TreeState $tree -WithoutJournal | Should -Be $before
    }
}
