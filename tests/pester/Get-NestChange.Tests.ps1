BeforeDiscovery {
    $noSsh = $IsWindows -or -not ((Get-Command -Name sshd -ErrorAction Ignore) -or (Test-Path -Path /usr/sbin/sshd))
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
}

Describe 'Get-NestChange' -Skip:$noSsh {
    BeforeAll {
        $folder = (Get-Item -Path TestDrive:/).FullName
        $tree = "$folder/tree"
        $kvm = Start-TreeHost "$folder/sshd" $tree
    }

    AfterAll {
        Stop-TestHost "$folder/sshd"
    }

    It 'writes nothing where nothing was changed' {
        Get-NestChange @kvm | Should -BeNullOrEmpty
    }

    It 'lists what was made, the newest first, and what became of it' {
        Enable-NestedVirtualization @kvm
        Disable-NestedVirtualization @kvm
        Undo-NestChange @kvm

        $changes = Get-NestChange @kvm
        $changes | Should -BeOfType NestVirt.Changes.JournalEntry
        $changes.Id | Should -Be 2, 1
        $changes.State | Should -Be Undone, Applied
        $changes.Title | Should -Be 'disable nesting', 'enable nesting'
        $changes[0].Who | Should -Be "$([Environment]::UserName)@$([Environment]::MachineName)"
        $changes[0].When | Should -BeGreaterThan ([datetimeoffset]::Now.AddHours(-1))
        (Get-NestChange @kvm -Id 1, 7 -ErrorAction SilentlyContinue -ErrorVariable missing).Id | Should -Be 1
        $missing[0].FullyQualifiedErrorId | Should -BeLike 'ValueNotFound,*'
    }

    It 'shows a line a change, and every byte in a list' {
        $lines = (Get-NestChange @kvm | Show) -split "`n"
        $lines | Where-Object { $_ -match '^HostName +Id +When +Outcome +Title' } | Should -HaveCount 1
        $first = '^127\.0\.0\.1 +1 \d{4}-\d\d-\d\d \d\d:\d\d (InEffect|Pending|NotInEffect) '
        $lines | Where-Object { $_ -match $first } | Should -HaveCount 1

        $list = Get-NestChange @kvm -Id 1 | Format-List | Show
        $list | Should -Match '\+options kvm_intel nested=1'
        $list | Should -Match 'Undo: removes the file\.'
    }
}
