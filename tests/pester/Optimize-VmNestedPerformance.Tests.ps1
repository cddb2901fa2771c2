# What the parameters ask for, what is refused before a host is asked, and plans over a recorded host.

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $class = 'NestVirt.PowerShell.Commands.OptimizeVmNestedPerformanceCommand'
}

Describe 'Optimize-VmNestedPerformance' {
    BeforeAll {
        if (-not ('NestVirt.Testing.GuestSnapshot' -as [type])) {
            Add-Type -Path "$RepositoryRoot/tests/shared/GuestSnapshot.cs"
        }

        $file = Join-Path (New-Item -ItemType Directory -Path TestDrive:/kvm).FullName 'kvm1.json'
        [NestVirt.Testing.GuestSnapshot]::WriteTuning((Get-Recording amd-epyc), $file)
        $kvm = @{ SnapshotPath = $file }
    }

    It 'plans all that fits, with the reason of each choice' {
        $plan = Optimize-VmNestedPerformance @kvm -VMName lab -AsPlan

        $plan.Changes.Setting | Should -Be 'lab: fitted to the host'
        $plan.Changes.To | Should -BeLike '*pins of processors 0:1; pins of the emulator 0;*nodes of its memory strict 1*'
        $plan.Changes.TakesEffect | Should -Be GuestRestart
        $plan.Pending.Code | Should -Be VmRestartPending
        $plan.Findings.Code | Sort-Object -Unique | Should -Be VmHugePagesFew, VmTuned, VmTuningLeft
        $plan.Findings.Message | Should -Contain 'lab: Its memory comes from node 1, where its processors are.'
    }

    It 'asks for what its parameters say' {
        $wanted = @{
            Tuning        = 'Disks', 'Cpu'
            SiblingUse    = 'Pair'
            Node          = 1
            IOThreadCount = 2
            Restart       = $true
            GuestTimeout  = 30
            Force         = $true
        }

        $plan = Optimize-VmNestedPerformance @kvm -VMName lab @wanted -AsPlan

        $plan.Request.VmNames, $plan.Request.Siblings, $plan.Request.Node | Should -Be lab, Pair, 1
        $plan.Request.Tunings | Should -Be Cpu, Disks
        $plan.Request.IOThreadCount, $plan.Request.GuestTimeoutSeconds | Should -Be 2, 30
        $plan.Request.StopGuests, $plan.Request.Force | Should -Be $true, $true
        $plan.Changes.Disrupts | Should -Be 'shuts lab down, and starts it again'
        $plan.Changes.To | Should -BeLike 'I/O threads 2; *'
    }

    It 'takes a virtual machine of the pipeline by its id' {
        $lab = Get-VmNestedCpu @kvm | Where-Object VmName -EQ lab

        $plan = $lab | Optimize-VmNestedPerformance -Tuning Cpu -AsPlan

        $plan.Request.VmNames | Should -Be $lab.Id
        $plan.Changes.Setting | Should -Be 'lab: fitted to the host'
    }

    It 'refuses <Name>' -ForEach @(
        @{ Name = 'more processors than the host has'; With = @{ VMName = 'big' }; Text = 'big: The host cannot give' }
        @{
            Name = 'huge pages that are not there'
            With = @{ VMName = 'lab'; PageSize = '2MB' }
            Text = 'lab: The host has not 512 free huge pages of 2 MiB'
        }
        @{ Name = 'a node that the host has not'; With = @{ VMName = 'lab'; Node = 7 }; Text = 'no NUMA node 7' }
    ) {
        Optimize-VmNestedPerformance @kvm @With -WhatIf @Quiet

        $failure.FullyQualifiedErrorId | Should -Be "ChangeRefused,$class"
        "$failure" | Should -Match $Text
    }

    It 'refuses virtual machines of Hyper-V hosts' {
        Optimize-VmNestedPerformance -SnapshotPath "$RepositoryRoot/tests/fakes/hyperv-devices.json" -VMName render `
            -WhatIf @Quiet

        $failure.FullyQualifiedErrorId | Should -Be "FeatureNotSupported,$class"
    }
}

Describe 'What Optimize-VmNestedPerformance refuses' {
    It 'is told before a host is asked: <Name>' -ForEach @(
        @{ Name = 'no virtual machine'; With = @{}; Text = 'No virtual machine is named' }
        @{ Name = 'a blank name'; With = @{ VMName = ' ' }; Text = 'names no virtual machine' }
        @{
            Name = 'a size that is none'
            With = @{ VMName = 'lab'; PageSize = '3Q' }
            Text = "-PageSize cannot be '3Q': give a number with K, M or G, such as 2MB or 1GB."
        }
        @{
            Name = 'a size of pages without these'
            With = @{ VMName = 'lab'; Tuning = 'Cpu', 'Memory'; PageSize = '2MB' }
            Text = 'a matter of the tuning hugepages'
        }
        @{
            Name = 'threads for disks without these'
            With = @{ VMName = 'lab'; Tuning = 'Network'; IOThreadCount = 0 }
            Text = 'a matter of the tuning disks'
        }
        @{
            Name = 'threads of cores without processors'
            With = @{ VMName = 'lab'; Tuning = 'Balloon'; SiblingUse = 'Pair' }
            Text = 'a matter of the tuning cpu'
        }
        @{
            Name = 'a node without processors and memory'
            With = @{ VMName = 'lab'; Tuning = 'HugePages'; Node = 0 }
            Text = 'a matter of the tunings cpu and memory'
        }
    ) {
        { Optimize-VmNestedPerformance -HostName kvm1 @With } |
            Should -Throw "*$Text*" -ErrorId "RequestInvalid,$class"
    }

    It 'is not bound: <Name> <Value>' -ForEach @(
        @{ Name = 'Node'; Value = -1 }
        @{ Name = 'Node'; Value = 1024 }
        @{ Name = 'IOThreadCount'; Value = -1 }
        @{ Name = 'IOThreadCount'; Value = 65 }
        @{ Name = 'GuestTimeout'; Value = 0 }
        @{ Name = 'PageSize'; Value = '' }
        @{ Name = 'VMName'; Value = @() }
        @{ Name = 'Tuning'; Value = @() }
    ) {
        $with = @{ VMName = 'lab' }
        $with[$Name] = $Value

        { Optimize-VmNestedPerformance -HostName kvm1 @with } |
            Should -Throw -ErrorId "ParameterArgument*,$class"
    }

    It 'is no word that there is: <Name> <Value>' -ForEach @(
        @{ Name = 'Tuning'; Value = 'Cpus' }
        @{ Name = 'Tuning'; Value = 6 }
        @{ Name = 'SiblingUse'; Value = 'On' }
    ) {
        $with = @{ VMName = 'lab' }
        $with[$Name] = $Value

        { Optimize-VmNestedPerformance -HostName kvm1 @with } |
            Should -Throw -ErrorId "CannotConvertArgumentNoMessage,$class"
    }

    It 'is told: a recorded host that would be changed' {
        { Optimize-VmNestedPerformance -SnapshotPath (Get-Recording amd-epyc) -VMName lab } |
            Should -Throw -ErrorId "HostRecorded,$class"
    }

    It 'is not a size of <_>' -ForEach '2MB', '1GB', 2MB, '2M', '2MiB', '2048k' {
        # All that is wrong is the host.
        { Optimize-VmNestedPerformance -SnapshotPath (Get-Recording amd-epyc) -VMName lab -PageSize $_ } |
            Should -Throw -ErrorId "HostRecorded,$class"
    }
}

Describe 'Tab' {
    It 'completes <Typed>' -ForEach @(
        @{ Typed = '-PageSize '; Words = '2MB', '1GB' }
        @{ Typed = '-SiblingUse '; Words = 'Avoid', 'Pair' }
        @{ Typed = '-Tuning '; Words = 'Balloon', 'Cpu', 'Disks', 'HugePages', 'Memory', 'Network' }
        @{ Typed = '-Tuning Cpu, H'; Words = 'HugePages' }
        @{ Typed = '-IO'; Words = '-IOThreadCount' }
    ) {
        Complete "Optimize-VmNestedPerformance $Typed" | Should -Be $Words
    }
}
