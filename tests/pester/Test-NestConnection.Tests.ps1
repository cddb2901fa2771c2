# Which step on the way to a host stands.

BeforeDiscovery {
    $noSsh = $IsWindows -or -not ((Get-Command -Name sshd -ErrorAction Ignore) -or (Test-Path -Path /usr/sbin/sshd))
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
}

Describe 'Test-NestConnection' -Skip:$noSsh {
    BeforeAll {
        $folder = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
        $kvm = Start-TestHost -Folder $folder
    }

    AfterAll {
        Stop-TestHost -Folder $folder
        Remove-Item -Path $folder -Recurse -Force
    }

    It 'passes a host that stands, with <_>' -ForEach OpenSsh, Library {
        $check = Test-NestConnection @kvm -SshClient $_ -NoSudo

        $check.Stands | Should -BeTrue
        $check.FirstFault | Should -BeNullOrEmpty
        $check.Steps.Name | Should -Be Name, Route, Port, HostKey, LogIn, Shell, Sudo, Tools
        ($check.Steps | Where-Object Name -EQ Sudo).State | Should -Be NotApplicable
    }

    It 'has a host that cannot be reached as a result, and no error' {
        $kvm.HostName, '127.0.0.1:1' | Test-NestConnection -KeyFilePath $kvm.KeyFilePath -Options $kvm.Options -NoSudo |
            Sort-Object Stands | ForEach-Object { "$($_.HostName) $($_.Stands) $($_.FirstFault)".Trim() } |
            Should -Be '127.0.0.1 False Port', '127.0.0.1 True'
    }

    It 'shows what mends the first that does not stand' {
        $shown = Test-NestConnection -HostName nobody@nowhere.invalid | Format-List | Out-String

        $shown | Should -BeLike '*FirstFault*: Name*Command*: getent hosts nowhere.invalid*Name Failed*Route NotTried*'
    }

    It 'tests a session as it is' {
        $session = New-NestSession @kvm
        ($session | Test-NestConnection -NoSudo).Stands | Should -BeTrue
        $session | Remove-NestSession

        ($session | Test-NestConnection).FirstFault | Should -Be Shell
    }
}
