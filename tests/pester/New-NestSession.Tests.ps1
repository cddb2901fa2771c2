# Sessions: one log-in for many cmdlets, counted at a real sshd.

BeforeDiscovery {
    $noSsh = $IsWindows -or -not ((Get-Command -Name sshd -ErrorAction Ignore) -or (Test-Path -Path /usr/sbin/sshd))
    $noChange = $noSsh -or "$(& id -u)" -ne '0'
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"

    function Get-LogInCount {
        [OutputType([int])]
        param(
            [Parameter(Mandatory)]
            [string] $Folder
        )

        @(Select-String -Path "$Folder/sshd.log" -Pattern '^Accepted \S+ for ').Count
    }
}

Describe 'New-NestSession' -Skip:$noSsh {
    BeforeAll {
        $folders = 1..3 | ForEach-Object { Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName()) }
        $hosts = foreach ($folder in $folders) {
            New-HostTree "$folder.tree"
            $server = Start-TestHost $folder "ForceCommand NESTVIRT_ROOT=$folder.tree exec /bin/sh"
            @{ Name = $server.HostName; Key = $server.KeyFilePath; Options = $server.Options }
        }

        function New-TestSession {
            [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
            param([hashtable] $More = @{})

            foreach ($one in $hosts) {
                New-NestSession -HostName $one.Name -KeyFilePath $one.Key -Options $one.Options @More
            }
        }
    }

    AfterEach {
        Get-NestSession | Remove-NestSession
    }

    AfterAll {
        foreach ($folder in $folders) {
            Stop-TestHost -Folder $folder
            Remove-Item -Path $folder, "$folder.tree" -Recurse -Force
        }
    }

    It 'is not given a secret later: -<_> would have no effect' -ForEach Credential, KeyPassphrase, SudoPassword {
        $session = New-TestSession | Select-Object -First 1
        $secret = ConvertTo-SecureString -String secret -AsPlainText -Force
        $more = @{ $_ = $_ -eq 'Credential' ? [pscredential]::new('root', $secret) : $secret }

        { Get-NestedSupport -Session $session @more } | Should -Throw "-$_ has no effect on a session*"
        { '{}' | Invoke-NestPlan -Session $session @more } | Should -Throw "-$_ has no effect on a session*"
    }

    It 'logs in to three hosts three times for ten cmdlets, with <_>' -ForEach OpenSsh, Library {
        $before = $folders | ForEach-Object { Get-LogInCount $_ }
        $session = New-TestSession @{ SshClient = $_ }

        # What a tree does not have is an error; here it is log-ins that count.
        $ErrorActionPreference = 'SilentlyContinue'
        $answers = @(
            Get-NestedSupport -Session $session
            $session | Get-KvmModule
            Get-IommuGroup -Session $session
            $session | Get-NestPciDevice
            Get-SriovDevice -Session $session
            Get-NestedSupport -Session $session | Get-KvmModule -Name kvm_intel
            Get-NestChange -Session $session
            Export-NestSnapshot -Session $session[0] -Path TestDrive:/snapshots -PassThru
            Enable-NestedVirtualization -Session $session -AsPlan
            Enable-NestedVirtualization -Session $session -WhatIf
        )

        $answers.Count | Should -BeGreaterThan 9
        @(Get-NestedSupport -Session $session).HostName | Should -Be '127.0.0.1', '127.0.0.1', '127.0.0.1'
        $session.Client | Should -Be $_, $_, $_
        $session.State | Should -Be Opened, Opened, Opened
        $after = $folders | ForEach-Object { Get-LogInCount $_ }
        0..2 | ForEach-Object { $after[$_] - $before[$_] } | Should -Be 1, 1, 1
    }

    It 'says in the verbose stream that a session is used' {
        $session = (New-TestSession)[0]
        $all = Get-NestedSupport -Session $session -Verbose 4>&1

        "$($all[0])" | Should -Be "Asking 127.0.0.1 in session $($session.Id)."
    }

    It 'has hosts of -HostName beside those of -Session' {
        $session = (New-TestSession)[0]
        $other = $hosts[1]

        Get-NestedSupport -Session $session -HostName $other.Name -KeyFilePath $other.Key -Options $other.Options |
            Should -HaveCount 2
    }

    It 'writes an object with its view, and the account that is logged in' {
        $reach = @{ HostName = $hosts[0].Name; KeyFilePath = $hosts[0].Key; Options = $hosts[0].Options }
        $session = New-NestSession @reach -Name lab

        $session.UserName | Should -Be (& id -un)
        $session.IdleTimeout | Should -Be ([timespan]::FromMinutes(15))
        ($session | Show) | Should -BeLike '*Id Name HostName*UserName State*LastUsed*lab*127.0.0.1*Opened*'
        ($session | Format-List | Out-String) | Should -BeLike '*Client*: OpenSsh*'
        (Get-NestSession -Name 'la*').Id | Should -Be $session.Id
        (Get-NestSession -Id $session.Id).Name | Should -Be lab
        Get-NestSession -HostName other | Should -BeNullOrEmpty
        Complete 'Get-NestSession -Name l' | Should -Be lab
    }

    It 'opens nothing with -WhatIf' {
        New-TestSession @{ WhatIf = $true } | Should -BeNullOrEmpty
        Get-NestSession | Should -BeNullOrEmpty
    }

    It 'is an error of its host where the log-in fails' {
        $reach = @{ KeyFilePath = $hosts[0].Key; Options = $hosts[0].Options }
        New-NestSession -HostName 127.0.0.1:1 @reach @Quiet | Should -BeNullOrEmpty

        $failure.FullyQualifiedErrorId | Should -BeLike 'HostUnreachable,*'
        Get-NestSession | Should -BeNullOrEmpty
    }

    It 'is closed when it was idle for its time, and says so' {
        $session = (New-TestSession @{ IdleTimeout = 300 })[0]
        Test-Eventually { $session.State -eq 'TimedOut' } | Should -BeTrue

        Get-NestedSupport -Session $session @Quiet | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'SessionTimedOut,*'
        $failure.ErrorDetails.Message | Should -Be (
            "127.0.0.1: Session $($session.Id) is closed. Nothing was asked in it for 300 ms.")
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*New-NestSession*'
        Test-Eventually { -not (Get-SshClient @{ HostName = $hosts[0].Name }) } | Should -BeTrue
    }

    It 'is broken when its ssh goes away, is not replaced, and can be opened anew' {
        $session = (New-TestSession)[0]
        Get-SshClient @{ HostName = $hosts[0].Name } | Stop-Process -Force
        Test-Eventually { $session.State -eq 'Broken' } | Should -BeTrue
        $before = Get-LogInCount $folders[0]

        $session | Get-NestedSupport @Quiet | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'SessionBroken,*'
        Get-LogInCount $folders[0] | Should -Be $before

        $session | New-NestSession | Get-NestedSupport | Should -HaveCount 1
    }

    It 'is broken by a command that does not end in time' {
        $session = (New-TestSession)[0]
        Get-NestedSupport -Session $session -CommandTimeout 1 @Quiet | Should -BeNullOrEmpty

        $failure.FullyQualifiedErrorId | Should -BeLike 'HostTimeout,*'
        $failure.ErrorDetails.Message | Should -BeLike "*Session $($session.Id) is broken thereby."
        $session.State | Should -Be Broken
    }

    It 'serves runspaces of this process one after the other' {
        $session = (New-TestSession)[0]
        $before = Get-LogInCount $folders[0]
        $module = (Get-Module -Name NestVirt).Path

        $answers = 1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
            Import-Module -Name $using:module
            Get-NestedSupport -Session $using:session
        }

        $answers | Should -HaveCount 4
        Get-LogInCount $folders[0] | Should -Be $before
        $session.State | Should -Be Opened
    }

    It 'is refused when it comes out of a job or a file' {
        $session = (New-TestSession)[0]
        $picture = [Management.Automation.PSSerializer]::Deserialize(
            [Management.Automation.PSSerializer]::Serialize($session))

        { Get-NestedSupport -Session $picture } | Should -Throw '*belongs to another process*New-NestSession*'
        $picture | Get-NestedSupport @Quiet | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'InputNotHost,*'
        { Get-NestedSupport -Session kvm1 } | Should -Throw '*is no session*'
    }

    It 'leaves no ssh behind when <Name>' -ForEach @(
        @{ Name = 'it is removed'; End = '$s | Remove-NestSession' }
        @{ Name = 'the module is removed'; End = 'Get-Module -Name NestVirt* | Remove-Module' }
        @{ Name = 'the process ends'; End = 'exit' }
        @{ Name = 'the process is killed'; End = 'Stop-Process -Id $PID -Force' }
    ) {
        $one = @{ HostName = $hosts[0].Name; KeyFilePath = $hosts[0].Key; Options = $hosts[0].Options }
        $port = ($hosts[0].Name -split ':')[-1]
        $script = New-ClientScript $one @"
`$s = New-NestSession @kvm
`$s.State
$End
function Find { Get-Process -Name ssh -ErrorAction Ignore | Where-Object CommandLine -Match ' -p $port ' }
for (`$i = 0; `$i -lt 100 -and (Find); `$i++) { Start-Sleep -Milliseconds 50 }
"left: `$(`$i -eq 100)"
"@
        $said = @(Invoke-Pwsh -NonInteractive -File $script 2>$null)

        $said[0] | Should -Be Opened
        if ($End -notmatch 'exit|Stop-Process') {
            $said[1] | Should -Be 'left: False'
        }

        Test-Eventually { -not (Get-SshClient @{ HostName = $hosts[0].Name }) } | Should -BeTrue
    }
}

Describe 'A change in a session' -Skip:$noChange {
    BeforeAll {
        $folder = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
        $kvm = Start-TreeHost $folder "$folder.tree"
    }

    AfterEach {
        Get-NestSession | Remove-NestSession
    }

    AfterAll {
        Stop-TestHost -Folder $folder
        Remove-Item -Path $folder, "$folder.tree" -Recurse -Force
    }

    It 'is planned, made, verified, listed and taken back in one log-in' {
        $before = Get-TreeState "$folder.tree" -WithoutJournal
        $logIns = Get-LogInCount $folder
        $session = New-NestSession @kvm
        $one = @{ Session = $session; Confirm = $false; PassThru = $true }

        Set-KvmModuleParameter @one -Module kvm_intel -Parameter @{ enable_shadow_vmcs = $false } |
            ForEach-Object State | Should -BeIn InEffect, Pending
        (Get-NestChange -Session $session).Title | Should -BeLike 'set kvm_intel *'
        (Undo-NestChange @one).State | Should -Be Undone

        Get-LogInCount $folder | Should -Be ($logIns + 1)
        Get-TreeState "$folder.tree" -WithoutJournal | Should -Be $before
    }

    It 'applies a plan of a file' {
        $session = New-NestSession @kvm
        $path = "$((Get-Item -Path TestDrive:/).FullName)/plan.json"
        Set-KvmModuleParameter -Session $session -Module kvm_intel -Parameter @{ enable_shadow_vmcs = $false } -AsPlan |
            Export-NestPlan -Path $path
        $logIns = Get-LogInCount $folder

        Invoke-NestPlan -Path $path -Session $session -Confirm:$false -PassThru | Should -HaveCount 1
        Get-LogInCount $folder | Should -Be $logIns
    }

    It 'takes one log-in without a session, too' {
        $logIns = Get-LogInCount $folder
        $parameter = @{ enable_shadow_vmcs = $true }
        Set-KvmModuleParameter @kvm -Module kvm_intel -Parameter $parameter -Confirm:$false -PassThru |
            Should -HaveCount 1

        Get-LogInCount $folder | Should -Be ($logIns + 1)
        Test-Eventually { -not (Get-SshClient $kvm) } | Should -BeTrue
    }
}
