# What the parameters ask for, and what is refused before a host is asked.

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $class = 'NestVirt.PowerShell.Commands.OptimizeVmNestedPerformanceCommand'
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
