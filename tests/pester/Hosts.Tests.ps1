# What every cmdlet that reads hosts does alike: naming hosts, errors, pipelines, stopping.

BeforeDiscovery {
    . "$PSScriptRoot/common.ps1"
    # The last two are for Hyper-V hosts; HyperV.Tests.ps1 names them in these ways.
    $others = 'Get-NestChange', 'Get-NestSession', 'Get-VmNestedCpu', 'Get-VmPciDevice'
    $readers = foreach ($command in Get-Command -Module NestVirt -Verb Get | Where-Object Name -NotIn $others) {
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
        $failure[0].TargetObject | Should -BeOfType NestVirt.Hosts.HostTarget
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

    It 'keeps an inventory apart from the other ways' {
        { Get-NestedSupport -InventoryPath TestDrive:/hosts.json -SnapshotPath TestDrive:/ } |
            Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }

    It 'takes several of them together: a name, a target, and this machine by none' {
        $file = Get-Recording amd-host
        $target = (Get-NestedSupport -SnapshotPath $file).Target
        $answers = Get-NestedSupport -HostName 127.0.0.1:1 -Target $target @Quiet

        $answers.HostName | Should -Be $target.Name
        $failure.TargetObject.Name | Should -Be 127.0.0.1
        (Get-NestedSupport -SnapshotPath $file -LiteralPath (Get-Recording amd-epyc)).HostName | Sort-Object |
            Should -Be amd-epyc, amd-host
    }

    It 'has the same three for every cmdlet that names hosts' {
        foreach ($command in Get-Command -Module NestVirt -ParameterName SnapshotPath) {
            $command.ParameterSets.Name | Sort-Object | Should -Be Host, Recorded, Root -Because $command.Name
            $command.DefaultParameterSet | Should -Be Host
        }
    }

    It 'takes -HostName by position' {
        (Get-Command Get-NestedSupport).Parameters['HostName'].ParameterSets['Host'].Position | Should -Be 0
    }
}

Describe 'Words that give no host are never this machine' {
    BeforeDiscovery {
        $ways = foreach ($verb in 'Get', 'Set') {
            @{ Verb = $verb; Text = '{}'; Words = @(); Id = 'InventoryEmpty' }
            @{ Verb = $verb; Text = '{}'; Words = @('*'); Id = 'InventoryNameNotFound' }
            @{ Verb = $verb; Text = '{}'; Words = @('@lab'); Id = 'InventoryNameNotFound' }
            @{ Verb = $verb; Text = '{"groups":{"lab":[]}}'; Words = @('lab'); Id = 'InventoryEmpty' }
            @{ Verb = $verb; Text = '{"groups":{"lab":[]}}'; Words = @('@l*'); Id = 'InventoryEmpty' }
            @{ Verb = $verb; Text = $null; Words = @('*'); Id = 'HostNameInvalid' }
            @{ Verb = $verb; Text = $null; Words = @('hosts.json'); Id = 'HostNameInvalid' }
        }
    }

    It '<Verb>: <Text> <Words>' -ForEach $ways {
        $with = @{}
        if ($Text) {
            Set-Content -Path TestDrive:/hosts.json -Value $Text
            $with.InventoryPath = 'TestDrive:/hosts.json'
        }

        if ($Words) {
            $with.HostName = $Words
        }

        $answer = if ($Verb -eq 'Get') {
            Get-NestedSupport @with @Quiet
        }
        else {
            Enable-NestedVirtualization -AsPlan @with @Quiet
        }

        $answer | Should -BeNullOrEmpty
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
    }

    It 'nor is a misspelt word of the file' {
        Set-Content -Path TestDrive:/hosts.json -Value '{"host":["kvm1"]}'

        { Enable-NestedVirtualization -InventoryPath TestDrive:/hosts.json -AsPlan } |
            Should -Throw -ErrorId 'InventoryInvalid,*' -ExpectedMessage "*line 1:*'host'*did you mean 'hosts'?"
    }

    It 'nor is <_>' -ForEach @(
        'Enable-NestedVirtualization -AsPlan -Target @()'
        'Enable-NestedVirtualization -AsPlan -HostName @()'
        'Enable-NestedVirtualization -AsPlan -HostName $null'
        '$null | Enable-NestedVirtualization -AsPlan'
        '[pscustomobject]@{ HostName = $null } | Enable-NestedVirtualization -AsPlan'
        "[pscustomobject]@{ HostName = '' } | Enable-NestedVirtualization -AsPlan"
        'Get-NestedSupport -Target @()'
        'Get-NestedSupport -HostName @()'
        'Get-NestedSupport -SnapshotPath @()'
        '$null | Get-NestedSupport'
        '[pscustomobject]@{ HostName = $null } | Get-NestedSupport'
    ) {
        $failed = $false
        $answer = try {
            & ([scriptblock]::Create("$_ -ErrorAction Stop"))
        }
        catch {
            $failed = $true
        }

        $answer | Should -BeNullOrEmpty
        $failed | Should -BeTrue
    }
}

Describe 'Choosing from an inventory' -Skip:$noSsh {
    BeforeAll {
        # Nobody listens at port 1, so that each host that was chosen is named by its error.
        $folder = (Get-Item -Path TestDrive:/).FullName
        $json = "$folder/hosts.json"
        $data = "$folder/hosts.psd1"
        Set-Content -Path $json -Value @'
{
  "port": 1,
  "sshOptions": { "HostName": "127.0.0.1" },
  "hosts": { "kvm1": { "user": "admin" }, "kvm2": null },
  "groups": {
    "lab": { "user": "root", "sudo": false, "identity": "key", "hosts": ["kvm1", "lab1", "ops@lab2:2"] },
    "kvm": ["kvm2"] // a comment
  }
}
'@
        Set-Content -Path $data -Value @'
@{
    Port       = 1
    SshOptions = @{ HostName = '127.0.0.1' }
    Hosts      = @{
        kvm1 = @{ User = 'admin' }
        kvm2 = $null
    }
    Groups     = @{
        lab = @{ User = 'root'; Sudo = $false; Identity = 'key'; Hosts = 'kvm1', 'lab1', 'ops@lab2:2' }
        # a comment
        kvm = @('kvm2')
    }
}
'@
        function Get-Asked {
            [OutputType([NestVirt.Hosts.HostTarget])]
            param([hashtable] $With)

            Get-NestedSupport @With @Quiet
            $failure | ForEach-Object TargetObject | Sort-Object -Property Name
        }
    }

    It 'refuses what a file may not set, unless it is trusted' -Tag Security {
        Set-Content -Path "$folder/own.psd1" -Value @"
@{
    sshOptions = @{ ProxyCommand = 'touch "$folder/was-run"' }
    hosts      = @('box1:1')
}
"@
        { Get-NestedSupport -InventoryPath "$folder/own.psd1" @Quiet } | Should -Throw -ExpectedMessage '*line 2*ProxyCommand*'
        try { Get-NestedSupport -InventoryPath "$folder/own.psd1" } catch { $refused = $_ }
        $refused.ErrorDetails.RecommendedAction | Should -BeLike '*-Options*-TrustInventory*'
        "$folder/was-run" | Should -Not -Exist

        Get-NestedSupport -InventoryPath "$folder/own.psd1" -TrustInventory @Quiet
        "$folder/was-run" | Should -Exist
    }

    It 'warns once where the check of host keys is loosened' -Tag Security {
        Set-Content -Path "$folder/loose.json" -Value '{ "sshOptions": { "StrictHostKeyChecking": false }, "hosts": ["box1:1", "box2:1"] }'
        $where = @{ HostName = '127.0.0.1' }

        $null = Get-NestedSupport -InventoryPath "$folder/loose.json" -TrustInventory -Options $where @Quiet -WarningVariable listed
        $null = '127.0.0.1:1', '127.0.0.1:2' |
            Get-NestedSupport -Options @{ StrictHostKeyChecking = 'accept-new' } @Quiet -WarningVariable given
        $null = Get-NestedSupport -HostName 127.0.0.1:1 @Quiet -WarningVariable none

        $listed | Should -HaveCount 1
        $listed | Should -BeLike "'StrictHostKeyChecking=no' loosens*"
        $given | Should -HaveCount 1
        $none | Should -BeNullOrEmpty
    }

    It 'takes no account that is an option' -Tag Security {
        { Get-NestedSupport -HostName 127.0.0.1:1 -UserName '-oProxyCommand=x' } | Should -Throw -ExpectedMessage '*-UserName cannot be*'
        [pscustomobject]@{ HostName = '127.0.0.1'; Port = 1; UserName = 'a%h' } | Get-NestedSupport @Quiet
        $failure.FullyQualifiedErrorId | Should -BeLike 'InputNotHost,*'
    }

    It 'takes <_> in a column for a key in the home folder' -ForEach '~/.ssh/none', '~\.ssh\none' {
        [pscustomobject]@{ HostName = '127.0.0.1'; Port = 1; KeyFilePath = $_ } | Get-NestedSupport @Quiet

        $failure[0].TargetObject.KeyFilePath | Should -Be (Join-Path $HOME .ssh none)
    }

    It '<_>: asks every host once when none is named' -ForEach json, psd1 {
        $asked = Get-Asked @{ InventoryPath = "$folder/hosts.$_" }

        $asked.Name | Should -Be kvm1, kvm2, lab1, lab2
        $asked.UserName | Should -Be admin, $null, root, ops
        $asked.Port | Should -Be 1, 1, 1, 2
        $asked.AllowSudo | Should -Be $true, $true, $false, $false
        $asked[2].KeyFilePath | Should -Be (Join-Path $folder key)
        $asked[0].SshOptions | Should -Be 'HostName=127.0.0.1'
    }

    It 'takes <Words>' -ForEach @(
        @{ Words = @('kvm2'); Names = @('kvm2') }
        @{ Words = @('LAB'); Names = @('kvm1', 'lab1', 'lab2') }
        @{ Words = @('@kvm'); Names = @('kvm2') }
        @{ Words = @('kvm*'); Names = @('kvm1', 'kvm2') }
        @{ Words = @('lab[12]', 'lab1'); Names = @('lab1', 'lab2') }
        @{ Words = @('@*'); Names = @('kvm1', 'kvm2', 'lab1', 'lab2') }
        @{ Words = @('127.0.0.1:1', 'kvm1'); Names = @('127.0.0.1', 'kvm1') }
    ) {
        (Get-Asked @{ InventoryPath = $json; HostName = $Words }).Name | Should -Be $Names
    }

    It 'fills what the file leaves open from the parameters' {
        $asked = Get-Asked @{
            InventoryPath = $data
            HostName      = 'kvm1', 'kvm2'
            UserName      = 'someone'
            Port          = 3
            Options       = @{ Ciphers = 'aes256-ctr' }
            NoSudo        = $true
        }

        $asked.UserName | Should -Be admin, someone
        $asked.Port | Should -Be 1, 1
        $asked.AllowSudo | Should -Be $false, $false
        $asked[1].SshOptions | Should -Be 'HostName=127.0.0.1', 'Ciphers=aes256-ctr'
    }

    It 'writes an error for a group or a wildcard that is not there, and asks the others' {
        Get-NestedSupport -InventoryPath $json -HostName '@web', 'x*', 'kvm2' @Quiet

        $failure | Should -HaveCount 3
        $failure[0, 1].FullyQualifiedErrorId | Should -BeLike 'InventoryNameNotFound,*.GetNestedSupportCommand'
        $failure[0, 1].TargetObject | Should -Be '@web', 'x*'
        $failure[0].CategoryInfo.Category | Should -Be ObjectNotFound
        $failure[0].ErrorDetails.RecommendedAction | Should -Be 'Its groups are: lab, kvm.'
        $failure[2].TargetObject.Name | Should -Be kvm2
    }

    It 'ends at once for <File>' -ForEach @(
        @{ File = 'none.json'; Content = $null; Id = 'SourceNotFound'; Says = '*none.json*' }
        @{ File = 'none.psd1'; Content = $null; Id = 'SourceNotFound'; Says = '*none.psd1*' }
        @{ File = 'broken.json'; Content = '{ "hosts": ['; Id = 'InventoryInvalid'; Says = '*is not JSON*' }
        @{ File = 'wrong.psd1'; Content = '@{ hosts = 5 }'; Id = 'InventoryInvalid'; Says = '*neither a list*' }
        @{ File = 'broken.psd1'; Content = '@{ hosts ='; Id = 'InventoryInvalid'; Says = '*line 1:*' }
        @{ File = 'two.psd1'; Content = '@{ }; @{ }'; Id = 'InventoryInvalid'; Says = '*one hashtable*' }
        @{ File = 'hosts.yml'; Content = 'hosts: [a]'; Id = 'FeatureNotSupported'; Says = '*YAML*' }
    ) {
        if ($Content) {
            Set-Content -Path "$folder/$File" -Value $Content
        }

        { Get-NestedSupport -InventoryPath "$folder/$File" } |
            Should -Throw -ErrorId "$Id,NestVirt.PowerShell.Commands.GetNestedSupportCommand" -ExpectedMessage $Says
    }

    It 'runs nothing of a data file: <_>' -ForEach @(
        '@{ hosts = @(New-Item TestDrive:/pwned) }'
        '@{ hosts = "$(New-Item TestDrive:/pwned)" }'
        '@{ hosts = [System.IO.File]::Create("pwned") }'
        '@{ hosts = & { New-Item TestDrive:/pwned } }'
        '@{ $(New-Item TestDrive:/pwned) = 1 }'
        'New-Item TestDrive:/pwned; @{ hosts = "a" }'
    ) {
        Set-Content -Path "$folder/code.psd1" -Value $_

        { Get-NestedSupport -InventoryPath "$folder/code.psd1" } | Should -Throw -ErrorId 'InventoryInvalid,*'
        'TestDrive:/pwned' | Should -Not -Exist
        './pwned' | Should -Not -Exist
    }

    It 'completes the names of the file, and of its groups after an @' {
        Push-Location -Path $folder
        try {
            Complete 'Get-NestedSupport -InventoryPath hosts.json -HostName ' |
                Should -Be kvm, kvm1, kvm2, lab, lab1, lab2
            Complete 'Get-NestedSupport -InventoryPath ./hosts.psd1 -HostName kvm1, la' | Should -Be lab, lab1, lab2
            Complete "Get-NestedSupport -InventoryPath '$data' '@" | Should -Be "'@kvm'", "'@lab'"
        }
        finally {
            Pop-Location
        }
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

    It '<Name> gives the answers of the hosts of an inventory, under the names they have there' -ForEach $readers {
        @{
            user       = ($good.HostName -split '@')[0]
            identity   = 'good/key'
            sshOptions = $good.Options
            groups     = @{ lab = @(@{ name = 'kvm1'; address = "127.0.0.1:$port" }) }
        } | ConvertTo-Json -Depth 4 | Set-Content -Path "$folder/lab.json"

        $local = @(& $Name)
        $listed = @(& $Name -InventoryPath "$folder/lab.json" -TrustInventory -HostName lab)

        $listed.Count | Should -Be $local.Count
        $listed | Where-Object HostName -NE kvm1 | Should -BeNullOrEmpty
    }

    It '<Name> writes one error for each host that fails, and the answers of the others' -ForEach $readers {
        $some = $good.Clone()
        $some.HostName = '127.0.0.1:1', $good.HostName
        $answer = & $Name @some @Quiet

        @($answer).Count | Should -Be @(& $Name).Count
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Be "HostUnreachable,$Class"
        $failure[0].CategoryInfo.Category | Should -Be ConnectionError
        $failure[0].TargetObject | Should -BeOfType NestVirt.Hosts.HostTarget
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
        $asked[0].Message | Should -Be "Asking 127.0.0.1 over Ssh through the OpenSSH client, with the user's own configuration."
        $found | Where-Object { $_.Target.Port -ne $port } | Should -BeNullOrEmpty
    }
}

Describe 'Hosts from the pipeline' {
    BeforeAll {
        # Nothing answers there.
        $closed = 'root@127.0.0.1:1'
        Set-NestHugePage -HostName $closed -Size 2MB -Count 0 @Quiet
        $target = $failure[0].TargetObject
        $key = New-Item -Path TestDrive:/key
    }

    It 'are named by <Name>' -ForEach @(
        @{ Name = 'a property'; Value = [pscustomobject]@{ HostName = 'root@127.0.0.1:1' } }
        @{ Name = 'one property of two'; Value = [pscustomobject]@{ HostName = 'root@127.0.0.1:1'; Name = 'kvm' } }
    ) {
        $Value | Enable-NestedVirtualization @Quiet
        $Value | Enable-NestedVirtualization -KeyFilePath $key -ErrorAction SilentlyContinue -ErrorVariable +failure
        $Value | Set-KvmModuleParameter -Module kvm -Parameter @{ ignore_msrs = 1 } -ErrorAction SilentlyContinue `
            -ErrorVariable +failure

        $failure.FullyQualifiedErrorId | Should -HaveCount 3
        $failure.FullyQualifiedErrorId | Should -BeLike 'HostUnreachable,*'
        $failure.TargetObject.Port | Sort-Object -Unique | Should -Be 1
        $failure[1].TargetObject.KeyFilePath | Should -Be $key.FullName
    }

    It 'are those of the Target where an object has both, for <_>' -ForEach @(
        'Get-NestedSupport', 'Get-KvmModule', 'Enable-NestedVirtualization', 'Disable-Iommu', 'Get-NestChange'
    ) {
        $both = [pscustomobject]@{ HostName = 'elsewhere'; Target = $target; Name = 'kvm'; Address = '0000:01:00.0' }
        $both | & $_ @Quiet
        $both | & $_ -KeyFilePath $key -ErrorAction SilentlyContinue -ErrorVariable +failure

        $failure.FullyQualifiedErrorId | Should -BeLike 'HostUnreachable,*'
        $failure[0].TargetObject | Should -Be $target
        $failure[1].TargetObject | Select-Object Name, UserName, Port, KeyFilePath |
            Should -BeLike "@{Name=127.0.0.1; UserName=root; Port=1; KeyFilePath=*key}"
    }

    It 'are those of the Target beside what else the cmdlet takes' {
        $both = [pscustomobject]@{ HostName = 'elsewhere'; Target = $target; Name = 'kvm'; Address = '01:00.0'; Id = 3 }
        $both | Set-KvmModuleParameter -Parameter @{ ignore_msrs = 1 } @Quiet
        $both | Set-NestPciDriver -HostDriver -ErrorAction SilentlyContinue -ErrorVariable +failure
        $both | Set-SriovVirtualFunction -Count 0 -ErrorAction SilentlyContinue -ErrorVariable +failure
        $both | Undo-NestChange -ErrorAction SilentlyContinue -ErrorVariable +failure

        $failure.FullyQualifiedErrorId | Should -HaveCount 4
        $failure.TargetObject | ForEach-Object { $_ | Should -Be $target }
    }

    It 'are those of -HostName for objects without a host, and never both' {
        $module = [pscustomobject]@{ Name = 'kvm' }
        $module | Set-KvmModuleParameter -HostName $closed -Parameter @{ ignore_msrs = 1 } @Quiet
        $failure.FullyQualifiedErrorId | Should -BeLike 'HostUnreachable,*'

        $both = [pscustomobject]@{ Name = 'kvm'; HostName = 'here'; Target = $target }
        { $both | Set-KvmModuleParameter -HostName elsewhere -Parameter @{ ignore_msrs = 1 } } |
            Should -Throw -ErrorId 'RequestInvalid,*'
    }

    It 'are not made of objects that name none' {
        $module = [pscustomobject]@{ Name = 'kvm' }
        Set-Content -Path TestDrive:/hosts.json -Value "{ `"hosts`": [`"$closed`"] }"
        $module | Set-KvmModuleParameter -InventoryPath TestDrive:/hosts.json -Parameter @{ ignore_msrs = 1 } @Quiet
        7, [pscustomobject]@{ Color = 'red' } |
            Undo-NestChange -ErrorAction SilentlyContinue -ErrorVariable +failure

        $failure.FullyQualifiedErrorId | Should -HaveCount 3
        $failure.FullyQualifiedErrorId[0] | Should -BeLike 'HostUnreachable,*'
        $failure.FullyQualifiedErrorId[1, 2] | Should -BeLike 'InputNotHost,*'
    }
}
