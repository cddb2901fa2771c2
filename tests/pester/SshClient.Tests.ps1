# The built-in SSH client: chosen where it is needed, and loaded apart from other modules' libraries.

BeforeDiscovery {
    $noSsh = $IsWindows -or -not ((Get-Command -Name sshd -ErrorAction Ignore) -or (Test-Path -Path /usr/sbin/sshd))
    $noUser = $noSsh -or "$(& id -u)" -ne '0' -or -not (Get-Command -Name useradd -ErrorAction Ignore)
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    Import-StagedModule
}

Describe 'The built-in SSH client' -Skip:$noSsh {
    BeforeAll {
        $folder = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
        $sshd = Start-TestHost -Folder $folder
    }

    AfterAll {
        Stop-TestHost -Folder $folder
        Remove-Item -Path $folder -Recurse -Force
    }

    It 'answers as the OpenSSH client does, and -Verbose says which is used' {
        $library = Get-NestedSupport @sshd -SshClient Library -Verbose 4>&1
        $openSsh = Get-NestedSupport @sshd -Verbose 4>&1

        "$($library[0])" | Should -BeLike 'Asking * through the built-in client, as asked for.'
        "$($openSsh[0])" | Should -BeLike "Asking * through the OpenSSH client, with the user's own configuration."
        $library[-1].Verdict | Should -Be $openSsh[-1].Verdict
        $library[-1].Cpu.Model | Should -Be $openSsh[-1].Cpu.Model
    }

    It 'is what is used where there is no ssh on PATH' {
        $path = $env:PATH
        try {
            $env:PATH = '/nonexistent'
            $answer = Get-NestedSupport @sshd -Verbose 4>&1
        }
        finally {
            $env:PATH = $path
        }

        "$($answer[0])" | Should -BeLike 'Asking * through the built-in client, since there is no ssh on PATH.'
        $answer[-1] | Should -BeOfType NestVirt.Model.NestedSupport
    }

    It 'opens a key by -KeyPassphrase' {
        $key = Join-Path $folder protected
        & ssh-keygen -q -t ed25519 -N 'a passphrase' -f $key
        Get-Content -Path "$key.pub" | Add-Content -Path (Join-Path $folder authorized_keys)
        $reach = $sshd.Clone()
        $reach.KeyFilePath = $key
        $passphrase = ConvertTo-SecureString -String 'a passphrase' -AsPlainText -Force

        Get-NestedSupport @reach -KeyPassphrase $passphrase | Should -BeOfType NestVirt.Model.NestedSupport

        Get-NestedSupport @reach -SshClient Library @Quiet | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'HostAuthenticationFailed,*'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*-KeyPassphrase*'
    }

    It 'is not asked for together with the other one' {
        $passphrase = ConvertTo-SecureString -String 'a passphrase' -AsPlainText -Force
        { Get-NestedSupport @sshd -KeyPassphrase $passphrase -SshClient OpenSsh } |
            Should -Throw -ErrorId 'RequestInvalid,*'
    }

    It 'works beside another version of its library, which goes on to work' {
        $other = Join-Path $folder other
        New-Item -ItemType Directory -Path $other | Out-Null
        $manifest = Get-ChildItem -Path "$RepositoryRoot/artifacts/module/NestVirt/*/NestVirt.psd1"
        $script = @"
`$ErrorActionPreference = 'Stop'
`$name = [Reflection.AssemblyName] 'Renci.SshNet, Version=2020.0.0.0'
`$assembly = [Reflection.Emit.PersistedAssemblyBuilder]::new(`$name, [object].Assembly)
`$type = `$assembly.DefineDynamicModule('Renci.SshNet').DefineType('Renci.SshNet.SshClient', 'Public, Class')
`$method = `$type.DefineMethod('Version', 'Public, Static', [string], @()).GetILGenerator()
`$method.Emit([Reflection.Emit.OpCodes]::Ldstr, 'other')
`$method.Emit([Reflection.Emit.OpCodes]::Ret)
`$null = `$type.CreateType()
`$assembly.Save('$other/Renci.SshNet.dll')
Add-Type -Path '$other/Renci.SshNet.dll'
Import-Module '$($manifest.FullName)'
`$loaded = [AppDomain]::CurrentDomain.GetAssemblies().GetName().Name
"before: `$('NestVirt.SshNet' -in `$loaded)"
`$answer = Get-NestedSupport -HostName '$($sshd.HostName)' -KeyFilePath '$($sshd.KeyFilePath)' -SshClient Library -Options @{
    UserKnownHostsFile = '$($sshd.Options.UserKnownHostsFile)'; GlobalKnownHostsFile = 'none'
}
"answer: `$(`$answer.GetType().Name)"
"other: `$([Renci.SshNet.SshClient]::Version())"
`$versions = [AppDomain]::CurrentDomain.GetAssemblies().GetName() | Where-Object Name -EQ Renci.SshNet
"versions: `$(`$versions.Count)"
"@
        $said = Invoke-Pwsh -NonInteractive -Command $script

        $said | Should -Be 'before: False', 'answer: NestedSupport', 'other: other', 'versions: 2'
    }
}

Describe 'A password' -Skip:$noUser {
    BeforeAll {
        $folder = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
        $sshd = Start-TestHost -Folder $folder -Directive 'UsePAM yes', 'PasswordAuthentication yes', 'AuthenticationMethods any'
        $sshd.Remove('KeyFilePath')
        $sshd.HostName = $sshd.HostName -replace '^.*@'
        $user = "nv$([guid]::NewGuid().ToString('N').Substring(0, 12))"
        $password = "pw-$([guid]::NewGuid())"
        & useradd --no-create-home --home-dir / --shell /bin/sh $user
        "${user}:$password" | & chpasswd
        $credential = [pscredential]::new($user, (ConvertTo-SecureString -String $password -AsPlainText -Force))
    }

    AfterAll {
        & userdel --force $user 2>$null
        Stop-TestHost -Folder $folder
        Remove-Item -Path $folder -Recurse -Force
    }

    It 'logs in by -Credential, and is in no stream and no object' -Tag Security {
        $all = Get-NestedSupport @sshd -Credential $credential -Verbose -Debug *>&1

        $answer = $all | Where-Object { $_ -is [NestVirt.Model.NestedSupport] }
        $answer | Should -HaveCount 1
        "$($all[0])" | Should -BeLike '* through the built-in client, since it takes the password *'
        ($all | Out-String) + ($answer | ConvertTo-Json -Depth 9) + ($answer | Format-List * | Out-String) |
            Should -Not -BeLike "*$password*"
        Export-Clixml -InputObject $answer -Path "$folder/answer.xml"
        Get-Content -Raw -Path "$folder/answer.xml" | Should -Not -BeLike "*$password*"
        Export-NestSnapshot @sshd -Credential $credential -Path "$folder/snapshot.json"
        Get-Content -Raw -Path "$folder/snapshot.json" | Should -Not -BeLike "*$password*"

        # The object keeps no password: its host is asked in the ordinary way, and refuses.
        $answer | Get-NestedSupport @Quiet | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'Host*,*'
    }

    Context 'for sudo' -Skip:(-not (Get-Command -Name sudo -ErrorAction Ignore)) {
        BeforeAll {
            $log = "$folder/sudo.log"
            "Defaults:$user logfile=$log", "$user ALL=(ALL) ALL" | Set-Content -Path "/etc/sudoers.d/$user"
            & chmod 440 "/etc/sudoers.d/$user"
        }

        AfterAll {
            Remove-Item -Path "/etc/sudoers.d/$user" -Force
        }

        It 'becomes root by -SudoPassword, and is in no stream and no object' -Tag Security {
            $all = Get-NestChange @sshd -Credential $credential -SudoPassword $credential.Password -Verbose -Debug *>&1

            "$($all[0])" | Should -BeLike '*, and as root by sudo and the password that was given.'
            $all | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | Should -BeNullOrEmpty
            @(Select-String -Path $log -Pattern 'COMMAND=/bin/sh').Count | Should -Be 1
            Export-NestSnapshot @sshd -Credential $credential -SudoPassword $credential.Password -Path "$folder/root.json"
            ($all | Out-String) + (Get-Content -Raw -Path $log, "$folder/root.json") | Should -Not -BeLike "*$password*"
        }

        It 'is advised where sudo asks for it' {
            Get-NestChange @sshd -Credential $credential @Quiet | Should -BeNullOrEmpty

            $failure.FullyQualifiedErrorId | Should -BeLike 'HostPermissionDenied,*'
            $failure.ErrorDetails.Message | Should -BeLike '*sudo asks this account for a password*'
            $failure.ErrorDetails.RecommendedAction | Should -BeLike 'Give it by -SudoPassword,*'
        }

        It 'that is wrong is one error, and one try' {
            $wrong = ConvertTo-SecureString -String wrong -AsPlainText -Force
            Get-NestChange @sshd -Credential $credential -SudoPassword $wrong @Quiet | Should -BeNullOrEmpty

            $failure.FullyQualifiedErrorId | Should -BeLike 'HostAuthenticationFailed,*'
            $failure.ErrorDetails.Message | Should -BeLike '*sudo does not accept the password*'
        }

        It 'contradicts -NoSudo' {
            { Get-NestChange @sshd -SudoPassword $credential.Password -NoSudo } | Should -Throw -ErrorId 'RequestInvalid,*'
        }
    }

    It 'that is wrong is one error' {
        $wrong = [pscredential]::new($user, (ConvertTo-SecureString -String wrong -AsPlainText -Force))
        Get-NestedSupport @sshd -Credential $wrong @Quiet | Should -BeNullOrEmpty

        $failure.FullyQualifiedErrorId | Should -BeLike 'HostAuthenticationFailed,*'
        @(Select-String -Path "$folder/sshd.log" -Pattern 'Failed password for').Count | Should -Be 1
    }

    It 'of another account goes to nobody' {
        Get-NestedSupport @sshd -UserName root -Credential $credential @Quiet | Should -BeNullOrEmpty

        $failure.ErrorDetails.Message | Should -BeLike "*The password is that of '$user'*"
    }
}
