BeforeDiscovery {
    $noSsh = $IsWindows -or -not ((Get-Command -Name sshd -ErrorAction Ignore) -or (Test-Path -Path /usr/sbin/sshd))
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $class = 'NestVirt.PowerShell.Commands.UndoNestChangeCommand'
}

Describe 'Undo-NestChange' -Skip:$noSsh {
    BeforeEach {
        $folder = (New-Item -ItemType Directory -Path "TestDrive:/$(New-Guid)").FullName
        $tree = "$folder/tree"
        $kvm = Start-TreeHost "$folder/sshd" $tree
        $before = Get-TreeState $tree
        Enable-NestedVirtualization @kvm
        $after = Get-TreeState $tree
        $file = "$tree/etc/modprobe.d/nestvirt.conf"
    }

    AfterEach {
        Stop-TestHost "$folder/sshd"
    }

    It 'takes nothing back with -WhatIf, and all of it without' {
        Undo-NestChange @kvm -WhatIf
        Get-TreeState $tree | Should -Be $after

        Undo-NestChange @kvm | Should -BeNullOrEmpty
        Get-TreeState $tree -WithoutJournal | Should -Be $before

        (Undo-NestChange @kvm -PassThru).State | Should -Be Unchanged
    }

    It 'takes a host and a number as words, and no number for a host' {
        $login = @{ KeyFilePath = $kvm.KeyFilePath; Options = $kvm.Options }
        (Undo-NestChange $kvm.HostName 1 @login -PassThru).State | Should -Be Undone
        { Undo-NestChange 1 } | Should -Throw -ErrorId "RequestInvalid,$class"
    }

    It 'takes back what comes down the pipeline, the newest first' {
        Disable-NestedVirtualization @kvm
        $results = Get-NestChange @kvm | Undo-NestChange -PassThru

        $results.Id | Should -Be 2, 1
        $results.State | Should -Be Undone, Undone
        Get-TreeState $tree -WithoutJournal | Should -Be $before
    }

    It 'shows with -WhatIf how all that comes down the pipeline would be taken back' {
        Disable-NestedVirtualization @kvm
        $now = Get-TreeState $tree
        Get-NestChange @kvm | Undo-NestChange -WhatIf -ErrorAction Stop

        Get-TreeState $tree | Should -Be $now
    }

    It 'refuses with -WhatIf, too, what a later change was built on, and takes that along with -Force' {
        Disable-NestedVirtualization @kvm
        Undo-NestChange @kvm -Id 1 -WhatIf @Quiet

        $failure[0].FullyQualifiedErrorId | Should -Be "HostChanged,$class"
        (Undo-NestChange @kvm -Id 1 -Force -PassThru).Title | Should -BeLike 'undo 2, then 1: *'
        (Get-NestChange @kvm).State | Should -Be Undone, Undone
        Get-TreeState $tree -WithoutJournal | Should -Be $before
    }

    It 'takes no other change back for an object that names none' {
        Enable-NestedVirtualization @kvm -PassThru | Undo-NestChange
        Get-NestedSupport @kvm | Undo-NestChange

        Get-TreeState $tree | Should -Be $after
    }

    It 'names the changes that there are when it does not find one' {
        Undo-NestChange @kvm -Id 5 @Quiet

        $failure[0].FullyQualifiedErrorId | Should -Be "ChangeNotFound,$class"
        $failure[0].CategoryInfo.Category | Should -Be ObjectNotFound
        $failure[0].ErrorDetails.RecommendedAction | Should -Be 'It has 1.'
    }

    It 'refuses where somebody else was at it since, unless forced' {
        Add-Content -Path $file -Value '# by hand'
        Undo-NestChange @kvm @Quiet
        $failure[0].FullyQualifiedErrorId | Should -Be "HostChanged,$class"
        Get-Content -Path $file | Should -Contain '# by hand'

        Undo-NestChange @kvm -Force
        Get-TreeState $tree -WithoutJournal | Should -Be $before
    }
}
