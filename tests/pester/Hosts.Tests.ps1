# What every cmdlet that reads hosts does alike: naming hosts, errors, pipelines, stopping.

BeforeDiscovery {
    . "$PSScriptRoot/common.ps1"
    $readers = foreach ($command in Get-Command -Module NestVirt -Verb Get) {
        @{ Name = $command.Name; Class = $command.ImplementingType }
    }
    $noSsh = $IsWindows -or -not ((Get-Command -Name sshd -ErrorAction Ignore) -or (Test-Path -Path /usr/sbin/sshd))
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"

    # The answers of a host that was found at two places differ in the place.
    filter Hide-Path {
        $_ -replace '"Path": "[^"]*"'
    }
}

Describe '<Name> reads recorded hosts' -ForEach $readers {
    It 'by wildcard, by directory, by literal path and from the pipeline, with the same answers' {
        $file = Get-Recording amd-host
        $expected = & $Name -SnapshotPath $file | ConvertTo-Json -Depth 6

        Copy-Item -Path $file -Destination "TestDrive:/amd-host.json"
        Copy-Item -Path $file -Destination "TestDrive:/[amd]-host.json"
        $folder = (Get-Item -Path TestDrive:/).FullName
        $expected | Should -Not -BeNullOrEmpty
        foreach ($answer in @(
                (& $Name -SnapshotPath "$folder/amd-h*.json"),
                (& $Name -LiteralPath "$folder/amd-host.json"),
                (Get-Item -Path "$folder/amd-host.json" | & $Name),
                ("$folder/amd-host.json" | & $Name),
                ([pscustomobject]@{ PSPath = "$folder/amd-host.json" } | & $Name)
            ) | ForEach-Object { , @($_) }) {
            $answer.HostName | Sort-Object -Unique | Should -Be amd-host
            $answer | ConvertTo-Json -Depth 6 | Hide-Path | Should -Be ($expected | Hide-Path)
        }

        @(& $Name -SnapshotPath $folder).HostName | Sort-Object -Unique | Should -Be '[amd]-host', 'amd-host'
        @(& $Name -LiteralPath "$folder/[amd]-host.json").HostName | Sort-Object -Unique | Should -Be '[amd]-host'
    }

    It 'and writes an error where there is none' {
        & $Name -SnapshotPath TestDrive:/none*.json, TestDrive:/none.json @Quiet |
            Should -BeNullOrEmpty

        $failure.FullyQualifiedErrorId | Should -Be "SourceNotFound,$Class", "SourceNotFound,$Class"
        $failure.CategoryInfo.Category | Should -Be ObjectNotFound, ObjectNotFound
        $failure.TargetObject | Should -Be TestDrive:/none*.json, TestDrive:/none.json
    }

    It 'and writes an error for a file that is none' {
        Set-Content -Path TestDrive:/broken.json -Value '{ "schema": "something else" }'
        & $Name -SnapshotPath TestDrive:/broken.json @Quiet | Should -BeNullOrEmpty

        $failure[0].FullyQualifiedErrorId | Should -Be "SnapshotInvalid,$Class"
        $failure[0].CategoryInfo.Category | Should -Be InvalidData
        $failure[0].TargetObject | Should -BeOfType NestVirt.Model.HostTarget
        $failure[0].TargetObject.Name | Should -Be broken
        $failure[0].ErrorDetails.Message | Should -BeLike 'broken: *'
    }

    It 'and refuses what is no file system' {
        & $Name -SnapshotPath Env:/PATH @Quiet

        $failure[0].FullyQualifiedErrorId | Should -Be "PathNotFileSystem,$Class"
    }
}

Describe '<Name> reads directory trees' -ForEach $readers -Skip:$IsWindows {
    It 'and finds nothing to fail at in an empty one' {
        'proc', 'sys/bus/pci/devices', 'sys/kernel/iommu_groups' | ForEach-Object {
            $null = New-Item -ItemType Directory -Path "TestDrive:/tree/$_" -Force
        }
        $answer = & $Name -Root TestDrive:/tree -ErrorVariable failure

        $failure | Should -BeNullOrEmpty
        $answer | Where-Object HostName -NE tree | Should -BeNullOrEmpty
    }

    It 'and writes an error where there is none' {
        & $Name -Root TestDrive:/no-tree @Quiet | Should -BeNullOrEmpty

        $failure[0].FullyQualifiedErrorId | Should -Be "SourceNotFound,$Class"
        $failure[0].TargetObject.Name | Should -Be no-tree
    }
}

Describe '<Name> reads this machine' -ForEach $readers -Skip:$IsWindows {
    It 'without an error, and says that it is this machine' {
        $answer = & $Name -ErrorVariable failure

        $failure | Should -BeNullOrEmpty
        $answer | Where-Object HostName -NE localhost | Should -BeNullOrEmpty
    }
}

Describe 'Naming hosts' {
    It 'refuses a -HostName that ssh could take for an option, and asks the others' -Skip:$noSsh {
        Get-NestedSupport -HostName '-oProxyCommand=x', '127.0.0.1:1' @Quiet

        $failure | Should -HaveCount 2
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'HostNameInvalid,*.GetNestedSupportCommand'
        $failure[0].CategoryInfo.Category | Should -Be InvalidArgument
        $failure[0].TargetObject | Should -Be '-oProxyCommand=x'
        $failure[1].TargetObject.Port | Should -Be 1
    }

    It 'ends at once for a key file that is not there' {
        { Get-NestedSupport -HostName kvm1 -KeyFilePath TestDrive:/no-key } |
            Should -Throw -ErrorId 'KeyFileNotFound,NestVirt.PowerShell.Commands.GetNestedSupportCommand'
    }

    It 'ends at once for an option that ssh could not take as one' {
        { Get-NestedSupport -HostName kvm1 -Options @{ 'User' = "a`nProxyCommand=x" } } |
            Should -Throw -ErrorId 'OptionInvalid,NestVirt.PowerShell.Commands.GetNestedSupportCommand'
    }

    It 'keeps the ways to name hosts apart' {
        { Get-NestedSupport -HostName kvm1 -Root TestDrive:/ } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
        { Get-NestedSupport -Root TestDrive:/ -Port 22 } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }

    It 'takes -HostName by position' {
        (Get-Command Get-NestedSupport).Parameters['HostName'].ParameterSets['HostName'].Position | Should -Be 0
    }
}

Describe 'Hosts over SSH' -Skip:$noSsh {
    BeforeAll {
        $folder = (Get-Item -Path TestDrive:/).FullName
        $good = Start-TestHost -Folder "$folder/good"
        $port = ($good.HostName -split ':')[1]

        # Takes the same key as the good host, and says nothing.
        $silent = Start-TestHost -Folder "$folder/silent" -Directive @(
            'ForceCommand sleep 120'
            "AuthorizedKeysFile $folder/good/authorized_keys"
        )
        $both = $good.Clone()
        $both.HostName = $good.HostName, $silent.HostName
        $both.Options = $good.Options.Clone()
        $both.Options.UserKnownHostsFile = "$folder/good/known_hosts $folder/silent/known_hosts"
    }

    AfterAll {
        Stop-TestHost -Folder "$folder/good"
        Stop-TestHost -Folder "$folder/silent"
    }

    It '<Name> gives the answers of this machine' -ForEach $readers {
        $local = @(& $Name)
        $remote = @(& $Name @good)

        $remote.Count | Should -Be $local.Count
        $remote | Where-Object HostName -NE 127.0.0.1 | Should -BeNullOrEmpty
        $remote | Where-Object { $_.Target.Port -ne $port } | Should -BeNullOrEmpty
    }

    It '<Name> writes one error for each host that fails, and the answers of the others' -ForEach $readers {
        $some = $good.Clone()
        $some.HostName = '127.0.0.1:1', $good.HostName
        $answer = & $Name @some @Quiet

        @($answer).Count | Should -Be @(& $Name).Count
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Be "HostUnreachable,$Class"
        $failure[0].CategoryInfo.Category | Should -Be ConnectionError
        $failure[0].TargetObject | Should -BeOfType NestVirt.Model.HostTarget
        $failure[0].TargetObject.Name | Should -Be 127.0.0.1
        $failure[0].ErrorDetails.Message | Should -BeLike '127.0.0.1: *'
    }

    It 'is told when the log-in is refused' {
        & ssh-keygen -q -t ed25519 -N '""'.Trim('"') -f "$folder/stranger"
        $stranger = $good.Clone()
        $stranger.KeyFilePath = "$folder/stranger"
        Get-NestedSupport @stranger @Quiet

        $failure[0].FullyQualifiedErrorId | Should -BeLike 'HostAuthenticationFailed,*'
        $failure[0].CategoryInfo.Category | Should -Be AuthenticationError
        $failure[0].ErrorDetails.RecommendedAction | Should -Match KeyFilePath
    }

    It 'never accepts a key that it does not know' {
        $unknown = $good.Clone()
        $unknown.Options = $good.Options.Clone()
        $unknown.Options.UserKnownHostsFile = "$folder/empty_known_hosts"
        Get-NestedSupport @unknown @Quiet

        $failure[0].FullyQualifiedErrorId | Should -BeLike 'HostKeyUnknown,*'
        $failure[0].CategoryInfo.Category | Should -Be SecurityError
        "$folder/empty_known_hosts" | Should -Not -Exist
    }

    It 'ends after -CommandTimeout with a host that says nothing' {
        Get-NestedSupport @both -CommandTimeout 3000 @Quiet |
            ForEach-Object { $_.Target.Port } | Should -Be $port

        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'HostTimeout,*'
        $failure[0].CategoryInfo.Category | Should -Be OperationTimeout
        Test-Eventually { -not (Get-SshClient $silent) } | Should -BeTrue
    }

    It 'makes an error the end of the pipeline with -ErrorAction Stop' {
        { Get-NestedSupport -HostName 127.0.0.1:1 -ErrorAction Stop } |
            Should -Throw -ErrorId 'HostUnreachable,NestVirt.PowerShell.Commands.GetNestedSupportCommand'
    }

    It 'stops asking when nothing more is wanted, and leaves no ssh behind' {
        Get-NestedSupport @both | Select-Object -First 1 | ForEach-Object { $_.Target.Port } | Should -Be $port

        Test-Eventually { -not (Get-SshClient $silent) } | Should -BeTrue
    }

    It 'stops at Ctrl+C, and leaves no ssh behind' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddCommand('Import-Module').AddArgument((Get-Module NestVirt).Path).AddStatement()
            $null = $shell.AddCommand('Get-NestedSupport').AddParameters($both)
            $running = $shell.BeginInvoke()
            Test-Eventually { Get-SshClient $silent } | Should -BeTrue

            $shell.Stop()
            Test-Eventually { $running.IsCompleted } | Should -BeTrue
            $shell.InvocationStateInfo.State | Should -Be Stopped
            Test-Eventually { -not (Get-SshClient $silent) } | Should -BeTrue
        }
        finally {
            $shell.Dispose()
        }
    }

    It 'shows progress while a host keeps it waiting, and takes it away at the end' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddCommand('Import-Module').AddArgument((Get-Module NestVirt).Path).AddStatement()
            $null = $shell.AddCommand('Get-NestedSupport').AddParameters($both).AddParameter('CommandTimeout', 3000)
            $null = $shell.Invoke()

            $records = @($shell.Streams.Progress | Where-Object Activity -EQ Get-NestedSupport)
            $records[0].StatusDescription | Should -BeLike '* of 2 hosts have answered.'
            $records[-1].RecordType | Should -Be Completed
            $shell.Streams.Error | Should -HaveCount 1
        }
        finally {
            $shell.Dispose()
        }
    }

    It '<Name> finds the host again through the pipeline, and asks it once' -ForEach $readers {
        $answer = Get-NestPciDevice @good | & $Name -Verbose 4>&1
        $asked, $found = $answer.Where({ $_ -is [System.Management.Automation.VerboseRecord] }, 'Split')

        $asked | Should -HaveCount 1
        $asked[0].Message | Should -Be 'Asking 127.0.0.1 over Ssh.'
        $found | Where-Object { $_.Target.Port -ne $port } | Should -BeNullOrEmpty
    }
}
