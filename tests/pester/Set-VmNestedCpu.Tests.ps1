# Virtual machines of stand-ins for Hyper-V hosts, changed. Each host has a journal of its own, in a folder of these tests.

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $class = 'NestVirt.PowerShell.Commands.SetVmNestedCpuCommand'
    $state = $env:XDG_STATE_HOME
    $env:XDG_STATE_HOME = (New-Item -ItemType Directory -Path TestDrive:/state).FullName

    # The parameters that reach a new host with these virtual machines.
    function Start-VmHost {
        [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
        [OutputType([hashtable])]
        param([string[]] $Name)

        Start-StandIn -Argument (@('--vms', '0') + @($Name | ForEach-Object { '--vm', $_ }))
    }

    # The names of those that see the virtualization extension.
    function Get-Nesting {
        [OutputType([string])]
        param([hashtable] $Of)

        Get-VmNestedCpu @Of | Where-Object IsExposed | ForEach-Object VmName
    }
}

AfterAll {
    $env:XDG_STATE_HOME = $state
}

Describe 'Set-VmNestedCpu' {
    AfterEach {
        Stop-StandIn
    }

    It 'sets what is asked for, and Undo-NestChange sets what was there' {
        $hv = Start-VmHost 'lab,dynamic', other
        $before = Get-VmNestedCpu @hv | Select-Object -Property * -ExcludeProperty Target | ConvertTo-Json -Depth 4
        $wanted = @{
            ExposeVirtualizationExtensions = $true
            Count                          = 4
            HwThreadsPerCore               = 1
            StaticMemory                   = $true
            MacAddressSpoofing             = $true
            IovWeight                      = 100
            VbsOptOut                      = $true
        }

        Set-VmNestedCpu @hv -VMName lab @wanted -Confirm:$false | Should -BeNullOrEmpty

        $lab, $other = Get-VmNestedCpu @hv
        $lab.IsExposed, $lab.AllowsMacSpoofing, $lab.IsVbsOptedOut | Should -Be $true, $true, $true
        $lab.SriovAdapterCount, $other.SriovAdapterCount | Should -Be 1, 0
        $lab.HasDynamicMemory | Should -BeFalse
        $lab.CpuCount, $lab.ThreadsPerCore | Should -Be 4, 1
        $other.IsExposed, $other.CpuCount | Should -Be $false, 2
        $change = Get-NestChange @hv
        $change.State, $change.CanUndo, $change.HostName | Should -Be Applied, $true, $lab.HostName
        $change.Changes.Count | Should -Be 7

        $change | Undo-NestChange -Credential $hv.Credential -Confirm:$false

        Get-VmNestedCpu @hv | Select-Object -Property * -ExcludeProperty Target | ConvertTo-Json -Depth 4 |
            Should -Be $before
        (Get-NestChange @hv).State | Should -Be Undone
    }

    It 'changes nothing with -WhatIf, and writes a result with -PassThru alone' {
        $hv = Start-VmHost lab

        Set-VmNestedCpu @hv -VMName lab -ExposeVirtualizationExtensions $true -WhatIf
        Get-Nesting $hv | Should -BeNullOrEmpty
        Get-NestChange @hv | Should -BeNullOrEmpty

        $made = Set-VmNestedCpu @hv -VMName LAB -ExposeVirtualizationExtensions $true -PassThru
        $made.State, $made.Id, "$($made.Changes)" |
            Should -Be InEffect, 1, 'lab: ExposeVirtualizationExtensions: false -> true'
        $again = Set-VmNestedCpu @hv -VMName lab -ExposeVirtualizationExtensions $true -PassThru
        $again.State | Should -Be Unchanged
        $again.Id | Should -BeNullOrEmpty
    }

    It 'leads a plan <Name> back to its Hyper-V host' -ForEach @(
        @{ Name = 'of the pipeline'; Way = { $input | Invoke-NestPlan -Credential $hv.Credential -PassThru } }
        @{
            Name = 'from a file'
            Way  = {
                $input | Export-NestPlan -Path TestDrive:/lab.json -Force
                Get-Content -Raw -Path TestDrive:/lab.json | Should -Not -Match ([regex]::Escape('pass word'))
                Invoke-NestPlan -Path TestDrive:/lab.json -Credential $hv.Credential -PassThru
            }
        }
        @{
            Name = 'that -ComputerName sends there'
            Way  = {
                $input | Export-NestPlan -Path TestDrive:/sent.json -Force
                Invoke-NestPlan -Path TestDrive:/sent.json @hv -PassThru
            }
        }
    ) {
        $hv = Start-VmHost lab
        $plan = Set-VmNestedCpu @hv -VMName lab -ExposeVirtualizationExtensions $true -AsPlan
        $plan.Changes.Count | Should -Be 1
        Get-Nesting $hv | Should -BeNullOrEmpty

        $made = $plan | & $Way

        $made.State | Should -Be InEffect
        $made.Target.Transport | Should -Be WsMan
        Get-Nesting $hv | Should -Be lab
    }

    It 'applies a plan over HTTPS, whose certificate the plan does not vouch for' {
        $hv = Start-StandIn -Https
        $login = @{ Credential = $hv.Credential; Authentication = 'Basic'; UseSSL = $true }
        Set-VmNestedCpu @hv -VMName vm-0001 -ExposeVirtualizationExtensions $true -AsPlan |
            Export-NestPlan -Path TestDrive:/https.json

        Invoke-NestPlan -Path TestDrive:/https.json @login @Quiet
        $failure.FullyQualifiedErrorId | Should -BeLike 'HostCertificateUntrusted,*'

        $pin = @{ CertificateThumbprint = $hv.CertificateThumbprint }
        (Invoke-NestPlan -Path TestDrive:/https.json @login @pin -PassThru).State | Should -Be InEffect
    }

    It 'applies a plan over a snapshot to the host that -ComputerName names' {
        $hv = Start-VmHost lab
        Export-NestSnapshot @hv -Path TestDrive:/hv.json
        Set-VmNestedCpu -SnapshotPath TestDrive:/hv.json -VMName lab -ExposeVirtualizationExtensions $true -AsPlan |
            Export-NestPlan -Path TestDrive:/recorded.json

        Invoke-NestPlan -Path TestDrive:/recorded.json @Quiet
        $failure.FullyQualifiedErrorId | Should -BeLike 'HostRecorded,*'
        $failure[0].ErrorDetails.RecommendedAction | Should -Match '-ComputerName'

        (Invoke-NestPlan -Path TestDrive:/recorded.json @hv -PassThru).State | Should -Be InEffect
    }

    It 'shuts down what runs, and starts it again, with -Restart alone' {
        $hv = Start-VmHost 'lab,running'
        $wanted = @{ VMName = 'lab'; ExposeVirtualizationExtensions = $true }

        Set-VmNestedCpu @hv @wanted @Quiet
        $failure.FullyQualifiedErrorId | Should -Be "ChangeRefused,$class"
        "$failure" | Should -Match 'not off'
        Get-Nesting $hv | Should -BeNullOrEmpty

        (Set-VmNestedCpu @hv @wanted -Restart -Confirm:$false -PassThru).State | Should -Be InEffect
        $lab = Get-VmNestedCpu @hv
        $lab.State, $lab.Nesting | Should -Be Running, Now
    }

    It 'asks about virtual machines that it shuts down, and not about the host' {
        $hv = Start-VmHost 'lab,running'

        # This PowerShell has nobody who could be asked: the error holds the question.
        $login = '$login = @{ ComputerName = ''' + $hv.ComputerName + '''; Credential = [pscredential]::new(' +
        '''administrator'', (ConvertTo-SecureString ''pass word'' -AsPlainText -Force)) }'
        $said = Invoke-Pwsh -NonInteractive -Command (
            "Import-Module -Name '$((Get-Module -Name NestVirt).Path)'; $login; " +
            'Set-VmNestedCpu @login -VMName lab -Count 4 -Restart -ErrorVariable e -ErrorAction SilentlyContinue; ' +
            '$e | ForEach-Object { "$($_.FullyQualifiedErrorId): $_" }')

        "$said" | Should -BeLike 'ConfirmationNotPossible,*shuts lab down, and starts it again*'
        "$said" | Should -Not -Match 'restarts the host'
    }
}

Describe 'Virtual machines of the pipeline' {
    AfterEach {
        Stop-StandIn
    }

    It 'are the only ones that <Name> sets' -ForEach @(
        @{ Name = 'Set-VmNestedCpu'; Way = { $input | Set-VmNestedCpu @login -ExposeVirtualizationExtensions $true } }
        @{ Name = 'Enable-NestedVirtualization'; Way = { $input | Enable-NestedVirtualization @login } }
        @{ Name = 'an array in one object'; Way = { Enable-NestedVirtualization -InputObject @($input) @login } }
        @{
            Name = 'a table of words beside -ComputerName'
            Way  = { $input | ForEach-Object { @{ VMName = $_.VmName; VMId = $_.Id } } | Enable-NestedVirtualization @hv }
        }
        @{
            Name = 'Set-VmNestedCpu after CSV'
            Way  = {
                $input | Export-Csv -Path TestDrive:/x.csv
                Import-Csv -Path TestDrive:/x.csv | Set-VmNestedCpu @login -ExposeVirtualizationExtensions $true
            }
        }
        @{
            Name = 'Enable-NestedVirtualization after Clixml'
            Way  = {
                $input | Export-Clixml -Path TestDrive:/x.xml
                Import-Clixml -Path TestDrive:/x.xml | Enable-NestedVirtualization @login
            }
        }
        @{
            Name = 'Enable-NestedVirtualization after JSON'
            Way  = { $input | ConvertTo-Json -Depth 4 | ConvertFrom-Json | Enable-NestedVirtualization @login }
        }
        @{
            Name = 'Enable-NestedVirtualization by name where there is no id'
            Way  = { $input | Select-Object -Property Target, VmName | Enable-NestedVirtualization @login }
        }
        @{
            Name = 'Set-VmNestedCpu after Select-Object'
            Way  = {
                $input | Select-Object -Property Target, VmName, Id |
                    Set-VmNestedCpu @login -ExposeVirtualizationExtensions $true
            }
        }
    ) {
        $hv = Start-VmHost lab1, lab2, 'lab[1]', web
        $login = @{ Credential = $hv.Credential }

        Get-VmNestedCpu @hv | Where-Object VmName -In 'lab2', 'lab[1]' | & $Way

        Get-Nesting $hv | Should -Be lab2, 'lab[1]'
        @(Get-NestChange @hv).Count | Should -Be 1
    }

    It 'are one plan, one question and one change of each host' {
        $hv = Start-VmHost lab1, lab2, 'lab3,running', web
        $other = Start-VmHost lab4
        $vms = @(Get-VmNestedCpu @hv | Where-Object VmName -Like lab*) + @(Get-VmNestedCpu @other)
        $wanted = @{ ExposeVirtualizationExtensions = $true; Credential = $hv.Credential }

        $plans = @($vms + $vms[0] | Set-VmNestedCpu @wanted -Restart -AsPlan)
        $plans.Count | Should -Be 2
        $plans[0].Changes.Count, $plans[1].Changes.Count | Should -Be 3, 1
        $plans[0].Request.VmNames | Should -Be $vms[0..2].Id

        $made = @($vms | Set-VmNestedCpu @wanted -Restart -Confirm:$false -PassThru)

        $made.State | Should -Be InEffect, InEffect
        Get-Nesting $hv | Should -Be lab1, lab2, lab3
        Get-Nesting $other | Should -Be lab4
        @(Get-NestChange @hv).Count, @(Get-NestChange @other).Count | Should -Be 1, 1
    }

    It 'are all left alone where one of them cannot be set, as those of -VMName are' {
        $hv = Start-VmHost lab1, 'lab2,running'

        Get-VmNestedCpu @hv |
            Set-VmNestedCpu -Credential $hv.Credential -ExposeVirtualizationExtensions $true @Quiet

        $failure.Count | Should -Be 1
        $failure.FullyQualifiedErrorId | Should -Be "ChangeRefused,$class"
        "$failure" | Should -Match 'lab2: .*not off'
        Get-Nesting $hv | Should -BeNullOrEmpty
    }

    It 'are told apart by id where they have one name' {
        $hv = Start-VmHost lab, lab, lab
        $second = (Get-VmNestedCpu @hv)[1]

        $second | Set-VmNestedCpu -Credential $hv.Credential -ExposeVirtualizationExtensions $true

        (Get-VmNestedCpu @hv).IsExposed | Should -Be $false, $true, $false
        (Get-VmNestedCpu @hv | Where-Object IsExposed).Id | Should -Be $second.Id

        Set-VmNestedCpu @hv -VMName lab -Count 4 @Quiet
        $failure.FullyQualifiedErrorId | Should -Be "ChangeRefused,$class"
        "$($failure[0].ErrorDetails.RecommendedAction)" | Should -Match 'by its id'
        (Get-VmNestedCpu @hv).CpuCount | Should -Be 2, 2, 2
    }

    It 'that run are shut down and started by Enable-NestedVirtualization -StopGuest' {
        $hv = Start-VmHost 'lab,running', 'web,running'

        Get-VmNestedCpu @hv -VMName lab |
            Enable-NestedVirtualization -Credential $hv.Credential -StopGuest -Confirm:$false

        Get-Nesting $hv | Should -Be lab
        (Get-VmNestedCpu @hv).State | Should -Be Running, Running
    }
}

Describe 'Nesting of a Hyper-V host' {
    AfterEach {
        Stop-StandIn
    }

    It 'is that of all its virtual machines where none is named' {
        $hv = Start-VmHost lab, web

        Enable-NestedVirtualization @hv -Confirm:$false
        Get-Nesting $hv | Should -Be lab, web

        Disable-NestedVirtualization @hv -VMName w* -Confirm:$false
        Get-Nesting $hv | Should -Be lab
    }

    It 'cannot be that of some of a KVM host whose snapshot holds none' {
        Enable-NestedVirtualization -SnapshotPath (Get-Recording amd-host) -VMName lab -WhatIf @Quiet

        $failure.FullyQualifiedErrorId | Should -BeLike 'SnapshotInvalid,*'
    }
}

Describe 'What Set-VmNestedCpu refuses' {
    AfterEach {
        Stop-StandIn
    }

    It 'is told: <Name>' -ForEach @(
        @{ Name = 'no virtual machine'; With = @{ Count = 2 }; Text = 'No virtual machine is named' }
        @{ Name = 'nothing asked for'; With = @{ VMName = 'lab' }; Text = 'Nothing is asked for: give -Expose' }
        @{ Name = 'a blank name'; With = @{ VMName = ' '; Count = 2 }; Text = 'names no virtual machine' }
    ) {
        { Set-VmNestedCpu -ComputerName hv1 @With } | Should -Throw "*$Text*" -ErrorId "RequestInvalid,$class"
    }

    It 'is told: a recorded host that would be changed' {
        { Set-VmNestedCpu -SnapshotPath TestDrive:/hv.json -VMName lab -Count 2 } |
            Should -Throw -ErrorId "HostRecorded,$class"
    }

    It 'is told: a KVM host' {
        Set-VmNestedCpu -SnapshotPath (Get-Recording amd-host) -VMName lab -Count 2 -WhatIf @Quiet

        $failure.FullyQualifiedErrorId | Should -Be "FeatureNotSupported,$class"
        "$failure" | Should -Match 'those of a KVM host not: 2 processors'
    }

    It 'is told: a name that is not there, and goes on with the next host' {
        $hv = Start-VmHost lab
        $other = Start-VmHost web
        $both = $hv + @{}
        $both.ComputerName = $hv.ComputerName, $other.ComputerName

        $made = Set-VmNestedCpu @both -VMName web -ExposeVirtualizationExtensions $true -PassThru @Quiet

        $failure.Count | Should -Be 1
        $failure.FullyQualifiedErrorId | Should -Be "ChangeRefused,$class"
        "$failure" | Should -Match "no virtual machine 'web'"
        $made.State | Should -Be InEffect
        Get-Nesting $other | Should -Be web
    }
}

Describe 'Tab' {
    AfterEach {
        Stop-StandIn
    }

    It 'completes names of virtual machines that were read' {
        $hv = Start-VmHost completed1, 'completed 2'
        $null = Get-VmNestedCpu @hv

        Complete 'Set-VmNestedCpu -VMName compl' | Should -Be "'completed 2'", completed1
        Complete 'Enable-NestedVirtualization -VMName completed1' | Should -Be completed1
    }
}

Describe 'Set-VmNestedCpu of a KVM host' {
    BeforeAll {
        if (-not ('NestVirt.Testing.GuestSnapshot' -as [type])) {
            Add-Type -Path "$RepositoryRoot/tests/shared/GuestSnapshot.cs"
        }

        $id = '11111111-2222-4333-8444-555555555551'
        $cpu = "  <cpu mode='custom' match='exact' check='partial'>`n    <model fallback='forbid'>EPYC</model>`n  </cpu>"
        $lab = [NestVirt.Testing.GuestSnapshot]::Define('lab', $id, $cpu)
        $file = Join-Path (New-Item -ItemType Directory -Path TestDrive:/kvm).FullName 'kvm1.json'
        [NestVirt.Testing.GuestSnapshot]::Write(
            (Get-Recording amd-epyc), $file,
            [ValueTuple[string, string, string][]] @([ValueTuple]::Create($id, $lab, $lab)),
            [ValueTuple[string, string][]] @()
        )
        $kvm = @{ SnapshotPath = $file }
    }

    It 'plans what libvirt starts a virtual machine with' {
        $wanted = @{
            ExposeVirtualizationExtensions = $true
            Mode                           = 'HostPassthrough'
            Feature                        = @{ aes = $false }
            Topology                       = @{ Sockets = 1; Cores = 2 }
            Migratable                     = $true
            WindowsHypervisor              = $true
        }

        $plan = Set-VmNestedCpu @kvm -VMName lab @wanted -AsPlan

        $plan.Changes.Setting | Should -Be 'lab: processor'
        $plan.Changes.From | Should -Be 'mode custom, model EPYC'
        $plan.Changes.To | Should -BeLike 'mode host-passthrough, feature aes disable, migratable on, topology *'
        $plan.Changes.TakesEffect | Should -Be GuestRestart
        $plan.Pending.Code | Should -Be VmRestartPending
        $plan.Request.Topology.Cores, $plan.Request.Topology.Dies | Should -Be 2, 1
    }

    It 'takes a virtual machine of the pipeline, as Enable-NestedVirtualization does' {
        $plan = Get-VmNestedCpu @kvm | Set-VmNestedCpu -ExposeVirtualizationExtensions $true -AsPlan
        $plan.Changes.To | Should -Be 'feature svm require'

        $plan = Get-VmNestedCpu @kvm | Enable-NestedVirtualization -AsPlan
        $plan.Changes.To | Should -Be 'feature svm require'
    }

    It 'refuses what only Hyper-V has' {
        Set-VmNestedCpu @kvm -VMName lab -StaticMemory -AsPlan @Quiet
        $failure.FullyQualifiedErrorId | Should -BeLike 'FeatureNotSupported,*'
    }

    It 'refuses <What> before a host is asked' -ForEach @(
        @{ What = 'a feature without a policy'; With = @{ Feature = @{ vmx = '' } } }
        @{ What = 'a policy that there is not'; With = @{ Feature = @{ vmx = 'on' } } }
        @{ What = 'a topology of words'; With = @{ Topology = @{ Sockets = 'one' } } }
        @{ What = 'a topology of books'; With = @{ Topology = @{ Books = 1 } } }
        @{ What = 'a mode without a model'; With = @{ Mode = 'Custom' } }
    ) {
        { Set-VmNestedCpu @kvm -VMName lab @With -AsPlan -ErrorAction Stop } | Should -Throw -ErrorId 'RequestInvalid,*'
    }
}
