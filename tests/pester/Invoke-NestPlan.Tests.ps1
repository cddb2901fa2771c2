BeforeDiscovery {
    $noSsh = $IsWindows -or -not ((Get-Command -Name sshd -ErrorAction Ignore) -or (Test-Path -Path /usr/sbin/sshd))
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $class = 'NestVirt.PowerShell.Commands.InvokeNestPlanCommand'
}

Describe 'Invoke-NestPlan' -Skip:$noSsh {
    BeforeEach {
        $folder = (New-Item -ItemType Directory -Path "TestDrive:/$(New-Guid)").FullName
        $tree = "$folder/tree"
        $kvm = Start-TreeHost "$folder/sshd" $tree
        $before = Get-TreeState $tree
        $plan = Enable-NestedVirtualization @kvm -AsPlan
        $switch = "$tree/sys/module/kvm_intel/parameters/nested"
    }

    AfterEach {
        Stop-TestHost "$folder/sshd"
    }

    It 'makes a plan from the pipeline so, and finds nothing left to do the second time' {
        $plan | Invoke-NestPlan -WhatIf
        Get-TreeState $tree | Should -Be $before

        ($plan | Invoke-NestPlan -PassThru).State | Should -Be InEffect
        Get-Content -Path $switch | Should -Be Y
        ($plan | Invoke-NestPlan -KeyFilePath $kvm.KeyFilePath -PassThru).State | Should -Be Unchanged
    }

    It 'makes a plan file so, with the key and the options that no file holds' {
        $file = $plan | Export-NestPlan -Path "$folder/plan.json" -PassThru
        Get-Content -Raw -Path $file | Should -Not -Match 'known_hosts|sshd/key'

        $result = $file | Invoke-NestPlan -KeyFilePath $kvm.KeyFilePath -Options $kvm.Options -PassThru
        $result.State | Should -Be InEffect
        Undo-NestChange @kvm
        Invoke-NestPlan -Path "$folder/pl*.json" -KeyFilePath $kvm.KeyFilePath -Options $kvm.Options
        Get-Content -Path $switch | Should -Be Y
    }

    It 'applies a plan over a recorded host to the live host that is named, as long as it is the same' {
        $snapshot = Export-NestSnapshot @kvm -Path "$folder/kvm1.json" -PassThru
        $file = Enable-NestedVirtualization -SnapshotPath $snapshot -AsPlan |
            Export-NestPlan -Path "$folder/plan.json" -PassThru
        (Get-Content -Raw -Path $file | ConvertFrom-Json).isRecorded | Should -BeTrue
        (Get-Content -Raw -Path $file | ConvertFrom-Json).fingerprint | Should -Be $plan.Fingerprint

        Invoke-NestPlan -Path $file @Quiet
        $failure[0].FullyQualifiedErrorId | Should -Be "HostRecorded,$class"
        $failure[0].ErrorDetails.RecommendedAction | Should -Match '-HostName'
        (Invoke-NestPlan -Path $file @kvm -PassThru).State | Should -Be InEffect
        Undo-NestChange @kvm
        $login = @{ KeyFilePath = $kvm.KeyFilePath; Options = $kvm.Options }
        (Invoke-NestPlan $file $kvm.HostName @login -PassThru).State | Should -Be InEffect
        Undo-NestChange @kvm
        Set-Content -Path "$tree/etc/machine-id" -Value another
        Invoke-NestPlan -Path $file @kvm @Quiet
        $failure[0].FullyQualifiedErrorId | Should -Be "HostChanged,$class"
    }

    It 'applies what is piped, whole or not at all' {
        $file = $plan | Export-NestPlan -Path "$folder/plan.json" -PassThru
        Get-Content -Path $file | Select-Object -First 3 | Invoke-NestPlan @Quiet
        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Be "PlanInvalid,$class"

        $edited = (Get-Content -Path $file) -replace 'nested=1', 'nested=0'
        $edited | Invoke-NestPlan -KeyFilePath $kvm.KeyFilePath -Options $kvm.Options @Quiet
        $failure | Should -HaveCount 1
        Get-TreeState $tree | Should -Be $before

        $login = @{ KeyFilePath = $kvm.KeyFilePath; Options = $kvm.Options }
        (Get-Content -Raw -Path $file | Invoke-NestPlan @login -PassThru).State | Should -Be InEffect
    }

    It 'says why <Name> is no plan, once' -ForEach @(
        @{ Name = 'a plan of a file'; Make = { Export-Clixml -InputObject $plan -Path "$folder/p.xml"; Import-Clixml "$folder/p.xml" }; Fault = 'file or a job' }
        @{ Name = 'a table'; Make = { [pscustomobject]@{ hostName = 'kvm1' } }; Fault = 'no plan of -AsPlan' }
    ) {
        $item = & $Make
        $item | Invoke-NestPlan @Quiet
        $failure.FullyQualifiedErrorId | Should -Be "InputNotPlan,$class"
        "$($failure[0].ErrorDetails.Message)" | Should -Match $Fault
        $failure[0].ErrorDetails.RecommendedAction | Should -Match 'Export-NestPlan'

        $item | Export-NestPlan -Path "$folder/again.json" @Quiet
        $failure.FullyQualifiedErrorId | Should -Be 'InputNotPlan,NestVirt.PowerShell.Commands.ExportNestPlanCommand'
        "$folder/again.json" | Should -Not -Exist
    }

    It 'takes how to log in from an inventory' {
        $user, $port = ($kvm.HostName -replace '@127.0.0.1:', ' ') -split ' '
        $settings = @{ name = 'kvm7'; address = '127.0.0.1'; user = $user; port = [int]$port }
        @{ hosts = @($settings); identity = $kvm.KeyFilePath; sshOptions = $kvm.Options } | ConvertTo-Json -Depth 4 |
            Set-Content -Path "$folder/hosts.json"
        $file = Enable-NestedVirtualization -InventoryPath "$folder/hosts.json" -TrustInventory -HostName kvm7 -AsPlan |
            Export-NestPlan -Path "$folder/kvm7.json" -PassThru
        Get-Content -Raw -Path $file | Should -Not -Match 'known_hosts|sshd/key'

        $result = $file | Invoke-NestPlan -InventoryPath "$folder/hosts.json" -TrustInventory -PassThru
        $result.State | Should -Be InEffect
        $result.HostName | Should -Be kvm7
    }

    It 'refuses a plan whose host has changed since, and does nothing' {
        Set-Content -Path "$tree/etc/modprobe.d/nestvirt.conf" -Value '# by hand'
        $changed = Get-TreeState $tree
        $plan | Invoke-NestPlan @Quiet

        $failure[0].FullyQualifiedErrorId | Should -Be "HostChanged,$class"
        $failure[0].CategoryInfo.Category | Should -Be InvalidResult
        $failure[0].ErrorDetails.RecommendedAction | Should -BeLike 'Plan again*'
        Get-TreeState $tree | Should -Be $changed
    }

    It 'asks about what a plan may interrupt, unless that was said' -Tag Security {
        $stopping = Enable-NestedVirtualization @kvm -StopGuest -AsPlan
        "$($stopping | Format-List | Out-String)" | Should -Match 'Allowances *: may shut down running guests'
        $stopping | Invoke-NestPlan @Quiet
        $failure[0].FullyQualifiedErrorId | Should -Be "ConfirmationNotPossible,$class"
        $failure[0].ErrorDetails.Message | Should -Match 'may shut down running guests'
        Get-TreeState $tree | Should -Be $before

        $stopping | Invoke-NestPlan -Force @Quiet
        $failure | Should -BeNullOrEmpty
    }

    It 'refuses a plan file that was edited since the review' -Tag Security {
        $null = $plan | Export-NestPlan -Path "$folder/plan.json" -PassThru
        (Get-Content -Raw -Path "$folder/plan.json") -replace '"enable": true', '"enable": false' |
            Set-Content -Path "$folder/plan.json"
        Invoke-NestPlan -Path "$folder/plan.json" -KeyFilePath $kvm.KeyFilePath -Options $kvm.Options @Quiet

        $failure[0].FullyQualifiedErrorId | Should -Be "HostChanged,$class"
        Get-TreeState $tree | Should -Be $before
    }
}

Describe 'Invoke-NestPlan writes an error' {
    It 'for a file that is no plan' {
        Set-Content -Path TestDrive:/no.json -Value '{ "schema": "other" }'
        Invoke-NestPlan -Path TestDrive:/no.json @Quiet

        $failure[0].FullyQualifiedErrorId | Should -Be "PlanInvalid,$class"
        $failure[0].CategoryInfo.Category | Should -Be InvalidData
    }

    It 'for a file that is not there' {
        Invoke-NestPlan -Path TestDrive:/none.json @Quiet
        $failure[0].FullyQualifiedErrorId | Should -Be "PlanNotRead,$class"
        $failure[0].CategoryInfo.Category | Should -Be ObjectNotFound

        Invoke-NestPlan -LiteralPath TestDrive:/none.json @Quiet
        $failure[0].FullyQualifiedErrorId | Should -Be "PlanNotRead,$class"
    }
}
