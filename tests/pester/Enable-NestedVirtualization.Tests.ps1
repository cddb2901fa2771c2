BeforeDiscovery {
    $noSsh = $IsWindows -or -not ((Get-Command -Name sshd -ErrorAction Ignore) -or (Test-Path -Path /usr/sbin/sshd))
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $class = 'NestVirt.PowerShell.Commands.EnableNestedVirtualizationCommand'
    $own = 'etc/modprobe.d/nestvirt.conf'
    $switch = 'sys/module/kvm_intel/parameters/nested'
}

Describe 'Enable-NestedVirtualization' -Skip:$noSsh {
    BeforeEach {
        $folder = (New-Item -ItemType Directory -Path "TestDrive:/$(New-Guid)").FullName
        $tree = "$folder/tree"
        $kvm = Start-TreeHost "$folder/sshd" $tree
        $before = Get-TreeState $tree
    }

    AfterEach {
        Stop-TestHost "$folder/sshd"
    }

    It 'writes nothing to the host with -WhatIf, and shows every byte' {
        # What -WhatIf says goes to the host alone.
        $script = New-ClientScript $kvm 'Enable-NestedVirtualization @kvm -WhatIf'
        $said = Invoke-Pwsh -NonInteractive -File $script

        Get-TreeState $tree | Should -Be $before
        $said | Should -HaveCount 2
        $said[0] | Should -Match 'What if: .*nestvirt\.conf: \(none\) -> .*options kvm_intel nested=1'
        $said[0] | Should -Match 'on target "127\.0\.0\.1"'
        $said[1] | Should -Match 'What if: .*kvm_intel/parameters/nested: N -> Y'
    }

    It 'changes the host, writes nothing to the pipeline, and changes nothing the second time' {
        Enable-NestedVirtualization @kvm | Should -BeNullOrEmpty

        Get-Content -Path "$tree/$own" | Should -Contain 'options kvm_intel nested=1'
        Get-Content -Path "$tree/$switch" | Should -Be Y
        $after = Get-TreeState $tree
        $verbose = Enable-NestedVirtualization @kvm -Verbose 4>&1
        $verbose.Message | Should -Contain '127.0.0.1: enable nesting: nothing to do.'
        Get-TreeState $tree | Should -Be $after
    }

    It 'writes what became of it with -PassThru, and that can be taken back byte for byte' {
        $result = Enable-NestedVirtualization @kvm -PassThru

        $result | Should -BeOfType NestVirt.Changes.ChangeResult
        $result.State | Should -Be InEffect
        $result.Id | Should -Be 1
        $result.Changes.Setting | Should -Be "/$own", "/$switch"
        $result | Undo-NestChange
        Get-TreeState $tree -WithoutJournal | Should -Be $before
    }

    It 'makes no change that is declined' {
        # -Confirm needs a person: the answers of one, read from standard input.
        $script = New-ClientScript $kvm 'Enable-NestedVirtualization @kvm -Confirm'
        $said = "l`nl" | Invoke-Pwsh -File $script

        "$said" | Should -Match 'Change /etc/modprobe\.d/nestvirt\.conf'
        Get-TreeState $tree | Should -Be $before
    }

    It 'makes the changes that are agreed to, and no other' {
        $script = New-ClientScript $kvm @'
Enable-NestedVirtualization @kvm -Confirm -PassThru | ForEach-Object { "is $($_.State) $($_.Pending.Code)" }
'@
        $said = "y`nn" | Invoke-Pwsh -File $script

        Get-Content -Path "$tree/$own" | Should -Contain 'options kvm_intel nested=1'
        Get-Content -Path "$tree/$switch" | Should -Be N
        $said | Should -Contain 'is Pending ChangeLeftOut'
    }

    It 'takes other parameters, a switch as 1 or 0' {
        Enable-NestedVirtualization @kvm -Parameter @{ enable_shadow_vmcs = $true; flexpriority = $false } @Quiet
        $failure[0].FullyQualifiedErrorId | Should -Be "ChangeRefused,$class"

        Enable-NestedVirtualization @kvm -Parameter @{ enable_shadow_vmcs = $true }
        Get-Content -Path "$tree/$own" | Should -Contain 'options kvm_intel enable_shadow_vmcs=1 nested=1'
    }

    It 'refuses what the host cannot have, with the reason and the remedy' {
        Enable-NestedVirtualization @kvm -Parameter @{ enable_shadow_vmc = 1 } @Quiet

        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Be "ChangeRefused,$class"
        $failure[0].CategoryInfo.Category | Should -Be InvalidOperation
        $failure[0].TargetObject | Should -BeOfType NestVirt.Hosts.HostTarget
        $failure[0].ErrorDetails.Message | Should -BeLike '127.0.0.1: *no parameter enable_shadow_vmc*'
        $failure[0].ErrorDetails.RecommendedAction | Should -BeLike '*enable_shadow_vmcs*'
        Get-TreeState $tree | Should -Be $before
    }

    It 'shows a file with the line ends of Windows without them' {
        [System.IO.File]::WriteAllText("$tree/$own", "options kvm_intel ept=1`r`n")
        $shown = Enable-NestedVirtualization @kvm -AsPlan | Format-List | Show

        $shown | Should -Match 'options kvm_intel .*ept=1'
        $shown | Should -Not -Match "`u{FFFD}"
    }

    It 'changes the others where one host fails' {
        $kvm.HostName = 'root@127.0.0.1:1', $kvm.HostName
        Enable-NestedVirtualization @kvm @Quiet

        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Be "HostUnreachable,$class"
        Get-Content -Path "$tree/$switch" | Should -Be Y
    }

    It 'tells who holds the lock' {
        $null = New-Item -ItemType Directory -Path "$tree/run/nestvirt"
        Set-Content -Path "$tree/run/nestvirt/holder" -Value 'alice@desk'
        $holder = Start-Process -FilePath flock -ArgumentList "$tree/run/nestvirt/lock", 'sleep', '60' -PassThru
        try {
            Test-Eventually { & flock -n "$tree/run/nestvirt/lock" true; $LASTEXITCODE -ne 0 } | Should -BeTrue
            Enable-NestedVirtualization @kvm @Quiet
        }
        finally {
            $holder.Kill($true)
        }

        $failure[0].FullyQualifiedErrorId | Should -Be "HostLocked,$class"
        $failure[0].CategoryInfo.Category | Should -Be ResourceBusy
        $failure[0].ErrorDetails.Message | Should -BeLike '*alice@desk*'
    }

    It 'changes a host that comes down the pipeline once' {
        $support = Get-NestedSupport @kvm
        $support, $support | Enable-NestedVirtualization -PassThru | Should -HaveCount 1
    }

    It 'changes nothing when the input does not end well' {
        $support = Get-NestedSupport @kvm
        { & { $support; throw 'no more' } | Enable-NestedVirtualization } | Should -Throw 'no more'

        Get-TreeState $tree | Should -Be $before
    }

    It 'does all that it was asked for where only the first object is wanted' {
        (Enable-NestedVirtualization @kvm -PassThru | Select-Object -First 1).State | Should -Be InEffect
    }
}

Describe 'Enable-NestedVirtualization, stopped in the middle' -Skip:$noSsh {
    BeforeAll {
        $folder = (Get-Item -Path TestDrive:/).FullName
        $tree = "$folder/tree"

        # The first write to the disk lasts until the test says so.
        $null = New-Item -ItemType Directory -Path "$folder/bin"
        Set-Content -Path "$folder/bin/sync" -Value @"
#!/bin/sh
: >"$folder/begun"
n=0
while [ ! -e "$folder/go" ] && [ `$n -lt 300 ]; do sleep 0.1; n=`$((n + 1)); done
exit 0
"@
        & chmod +x "$folder/bin/sync"
        New-HostTree $tree
        $kvm = Start-TestHost "$folder/sshd" "ForceCommand NESTVIRT_ROOT=$tree PATH=$folder/bin:/usr/bin:/bin exec /bin/sh"
    }

    AfterAll {
        Set-Content -Path "$folder/go" -Value go
        Stop-TestHost "$folder/sshd"
    }

    It 'goes on to its end on the host, and says so' {
        $script = New-ClientScript $kvm 'Enable-NestedVirtualization @kvm'
        $program, [string[]] $arguments = Get-PwshCommand
        $start = @{
            FilePath               = $program
            ArgumentList           = @($arguments) + '-NoProfile', '-NonInteractive', '-File', $script
            RedirectStandardOutput = "$folder/said"
        }
        $client = Start-Process @start -PassThru
        Test-Eventually { Test-Path -Path "$folder/begun" } -Seconds 60 | Should -BeTrue
        & kill -INT $client.Id
        $client.WaitForExit(30000) | Should -BeTrue

        Get-Content -Raw -Path "$folder/said" | Should -Match 'has begun on 127\.0\.0\.1 goes on'
        Get-Content -Path "$tree/sys/module/kvm_intel/parameters/nested" | Should -Be N
        Set-Content -Path "$folder/go" -Value go
        Test-Eventually { (Get-NestChange @kvm | ForEach-Object State) -eq 'Applied' } -Seconds 60 | Should -BeTrue
        Get-Content -Path "$tree/sys/module/kvm_intel/parameters/nested" | Should -Be Y
    }
}

Describe 'Enable-NestedVirtualization refuses' {
    It 'recorded hosts' {
        Get-NestedSupport -SnapshotPath (Get-Recording amd-host) | Enable-NestedVirtualization @Quiet

        $failure[0].FullyQualifiedErrorId | Should -Be "HostRecorded,$class"
        { Enable-NestedVirtualization -SnapshotPath (Get-Recording amd-host) } |
            Should -Throw -ErrorId "HostRecorded,$class"
        { Enable-NestedVirtualization -Root $PSScriptRoot -Confirm:$false } |
            Should -Throw -ErrorId "HostRecorded,$class"
    }

    It 'no recorded host where nothing is changed' -Skip:$IsWindows {
        New-HostTree "$((Get-Item -Path TestDrive:/).FullName)/recorded"
        $state = Get-TreeState TestDrive:/recorded
        $plan = Enable-NestedVirtualization -Root TestDrive:/recorded -AsPlan
        Enable-NestedVirtualization -Root TestDrive:/recorded -WhatIf
        $plan | Invoke-NestPlan @Quiet

        $plan.IsRecorded | Should -BeTrue
        $plan.Changes | Should -Not -BeNullOrEmpty
        "$($plan | Format-List | Out-String)" | Should -Match 'IsRecorded *: True'
        $script = "Enable-NestedVirtualization -Root '$((Get-Item -Path TestDrive:/recorded).FullName)' -WhatIf"
        Invoke-Pwsh -Command "Import-Module -Name '$((Get-Module -Name NestVirt).Path)'; $script" | Out-String |
            Should -Match 'on target "recorded \(a recorded host\)"'
        Get-TreeState TestDrive:/recorded | Should -Be $state
    }

    It 'a snapshot that does not hold what the plan needs' {
        Enable-NestedVirtualization -SnapshotPath (Get-Recording amd-host) -AsPlan @Quiet | Should -BeNullOrEmpty

        $failure[0].FullyQualifiedErrorId | Should -Be "SnapshotInvalid,$class"
        $failure[0].ErrorDetails.Message | Should -BeLike 'amd-host: * does not hold the tools of its boot loader*'
        $failure[0].ErrorDetails.RecommendedAction | Should -Match 'Export-NestSnapshot'
    }

    It 'a parameter that has no single value' -ForEach @{ Value = $null }, @{ Value = '' }, @{ Value = 1, 2 } {
        { Enable-NestedVirtualization -HostName none -Parameter @{ ept = $Value } } |
            Should -Throw -ErrorId "ModuleParameterInvalid,$class"
    }
}

Describe 'Enable-NestedVirtualization refuses' {
    It 'a parameter that asks for the opposite' {
        { Enable-NestedVirtualization -HostName none -Parameter @{ nested = $false } } |
            Should -Throw -ErrorId "RequestInvalid,$class"
    }
}
