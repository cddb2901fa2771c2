BeforeDiscovery {
    $noSsh = $IsWindows -or -not ((Get-Command -Name sshd -ErrorAction Ignore) -or (Test-Path -Path /usr/sbin/sshd))
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $class = 'NestVirt.PowerShell.Commands.ExportNestPlanCommand'
}

Describe 'Export-NestPlan' -Skip:$noSsh {
    BeforeAll {
        $folder = (Get-Item -Path TestDrive:/).FullName
        $tree = "$folder/tree"
        $kvm = Start-TreeHost "$folder/sshd" $tree
        $before = Get-TreeState $tree
        $plan = Enable-NestedVirtualization @kvm -AsPlan
    }

    AfterAll {
        Stop-TestHost "$folder/sshd"
    }

    It 'gets plans that changed nothing' {
        $plan | Should -BeOfType NestVirt.Changes.ChangePlan
        Get-TreeState $tree | Should -Be $before
        $plan | Show | Should -Match 'nestvirt\.conf \(\+\d+ -0\)'
        $plan | Format-List | Show | Should -Match '\+options kvm_intel nested=1'
    }

    It 'writes one plan as it is, for its owner alone, and several as an array' {
        $plan | Export-NestPlan -Path "$folder/one.json" | Should -BeNullOrEmpty
        $one = Get-Content -Raw -Path "$folder/one.json" | ConvertFrom-Json
        $one.schema | Should -Be nestvirt/plan/1
        $one.fingerprint | Should -Be $plan.Fingerprint
        (Get-Item -Path "$folder/one.json").UnixMode | Should -Be '-rw-------'

        $file = $plan, $plan | Export-NestPlan -Path "$folder/two.json" -PassThru
        $file | Should -BeOfType System.IO.FileInfo
        Get-Content -Raw -Path $file | ConvertFrom-Json | Should -HaveCount 2
    }

    It 'writes nothing with -WhatIf, and leaves a file alone with -NoClobber' {
        $plan | Export-NestPlan -Path "$folder/none.json" -WhatIf
        "$folder/none.json" | Should -Not -Exist

        Set-Content -Path "$folder/old.json" -Value old
        $plan | Export-NestPlan -Path "$folder/old.json" -NoClobber @Quiet
        $failure[0].FullyQualifiedErrorId | Should -Be "FileExists,$class"
        Get-Content -Path "$folder/old.json" | Should -Be old
    }

    It 'writes an error where it cannot write' {
        $plan | Export-NestPlan -Path "$folder/old.json/below/plan.json" @Quiet
        $failure[0].FullyQualifiedErrorId | Should -Be "PlanNotWritten,$class"
    }
}
