# What the pipeline makes of words, of files, of rows, and of objects that were elsewhere.

BeforeDiscovery {
    $noSsh = $IsWindows -or -not ((Get-Command -Name sshd -ErrorAction Ignore) -or (Test-Path -Path /usr/sbin/sshd))
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $folder = (Get-Item -Path TestDrive:/).FullName
    $key = (New-Item -Path "$folder/key").FullName

    # Nobody listens at port 1 and 2, so that each host is named by its error.
    $options = @{ HostName = '127.0.0.1' }

    function Get-Asked {
        [OutputType([NestVirt.Hosts.HostTarget])]
        param(
            [Parameter(ValueFromPipeline)]
            [object] $InputObject
        )

        end {
            $input | Get-NestedSupport -Options $options @Quiet
            $failure | ForEach-Object TargetObject | Sort-Object -Property Name
        }
    }
}

Describe 'Words in the pipeline' -Skip:$noSsh {
    It 'are host names' {
        $asked = 'box1:1', 'root@box2:2' | Get-Asked

        $asked.Name | Should -Be box1, box2
        $asked.Port | Should -Be 1, 2
        $asked[1].UserName | Should -Be root
    }

    It 'are host names in a file of them, too' {
        Set-Content -Path "$folder/hosts.txt" -Value 'box1:1', 'box2:1'

        (Get-Content -Path "$folder/hosts.txt" | Get-Asked).Name | Should -Be box1, box2
    }

    It 'that are nothing are no host, and not this machine' {
        $null, $null | Get-NestedSupport @Quiet | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'InputNotHost,*'

        Get-NestedSupport -InputObject $null @Quiet | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'InputNotHost,*'
        @() | Get-NestedSupport @Quiet | Should -BeNullOrEmpty
        $null | Enable-NestedVirtualization -WhatIf @Quiet
        $failure.FullyQualifiedErrorId | Should -BeLike 'InputNotHost,*'
    }

    It 'are names of an inventory' {
        Set-Content -Path "$folder/hosts.json" -Value '{ "port": 1, "groups": { "lab": ["box1", "box2"] } }'
        $asked = 'lab', 'box3:1' | Get-NestedSupport -InventoryPath "$folder/hosts.json" -Options $options @Quiet

        $asked | Should -BeNullOrEmpty
        $failure.TargetObject.Name | Sort-Object | Should -Be box1, box2, box3
    }

    It 'are hosts to change, and never this machine' {
        'box1:1' | Enable-NestedVirtualization -Options $options @Quiet

        $failure.FullyQualifiedErrorId | Should -BeLike 'HostUnreachable,*'
        $failure.TargetObject.Name | Should -Be box1
    }
}

Describe 'Rows in the pipeline' -Skip:$noSsh {
    It 'name the host by <_>, with its account, port and key' -ForEach HostName, ComputerName, CN, DNSHostName, Name {
        Set-Content -Path "$folder/rows.csv" -Value "$_,UserName,Port,KeyFilePath", "box1,ops,1,$key", 'box2,,2,'
        $rows = Import-Csv -Path "$folder/rows.csv"
        $rows | Export-Clixml -Path "$folder/rows.xml"
        foreach ($asked in @(
                ($rows | Get-Asked), ($rows | Select-Object -Property * | Get-Asked),
                (Import-Clixml -Path "$folder/rows.xml" | Get-Asked)
            ) | ForEach-Object { , @($_) }) {
            $asked.Name | Should -Be box1, box2
            $asked.UserName | Should -Be ops, $null
            $asked.Port | Should -Be 1, 2
            $asked[0].KeyFilePath | Should -Be $key
        }
    }

    It 'are refused with the reason where the port is none' {
        [pscustomobject]@{ HostName = 'box1'; Port = 'ssh' } | Get-NestedSupport @Quiet

        $failure.FullyQualifiedErrorId | Should -BeLike 'InputNotHost,*'
        $failure[0].ErrorDetails.Message | Should -BeLike "*'ssh' is no port*"
    }

    It 'of a file of names have advice on how to read it' {
        Set-Content -Path TestDrive:/hosts.txt -Value '# lab', '', 'wsman:hv1,hv2'
        Get-Item -Path TestDrive:/hosts.txt | Get-NestedSupport @Quiet | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'SnapshotInvalid,*'
        $failure[0].ErrorDetails.RecommendedAction | Should -Match 'Get-Content'

        Get-Content -Path TestDrive:/hosts.txt | Get-NestedSupport @Quiet | Should -BeNullOrEmpty
        $failure.ErrorDetails.Message | Should -Be @(
            "'# lab' is a comment, and names no host."
            'A blank line or an empty word names no host.'
            "'hv1,hv2' is not a Hyper-V host of the form [user@]host[:port]."
        )
        $failure[1].ErrorDetails.RecommendedAction | Should -Match 'a line'
    }

    It 'that name no host are refused, and are not this machine' {
        7, [pscustomobject]@{ Color = 'red' } | Get-NestedSupport @Quiet | Should -BeNullOrEmpty

        $failure.FullyQualifiedErrorId | Should -HaveCount 2
        $failure.FullyQualifiedErrorId | Should -BeLike 'InputNotHost,*'
    }
}

Describe 'Objects that were elsewhere' {
    It 'go back to their host <Name>' -Skip:$noSsh -ForEach @(
        @{ Name = 'from Clixml'; Way = { $input | Export-Clixml "$folder/x.xml"; Import-Clixml "$folder/x.xml" } }
        @{ Name = 'from CSV'; Way = { $input | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Name = 'from JSON'; Way = { $input | ConvertTo-Json -Depth 4 | ConvertFrom-Json } }
        @{ Name = 'from Select-Object'; Way = { $input | Select-Object -Property HostName, Target } }
    ) {
        $null = 'ops@box1:1' | Get-NestedSupport -KeyFilePath $key -Options $options @Quiet
        $target = $failure[0].TargetObject
        $support = Get-NestedSupport -SnapshotPath (Get-Recording amd-host)
        $support = [pscustomobject]@{ HostName = 'box1'; Verdict = $support.Verdict; Target = $target }

        $asked = $support | & $Way | Get-Asked
        $asked.Name | Should -Be box1
        $asked.UserName | Should -Be ops
        $asked.Port | Should -Be 1
    }

    It 'do not bring what an inventory may not set <Name>' -Tag Security -Skip:$noSsh -ForEach @(
        @{ Name = 'from Clixml'; Way = { $input | Export-Clixml "$folder/x.xml"; Import-Clixml "$folder/x.xml" } }
        @{ Name = 'from JSON'; Way = { $input | ConvertTo-Json -Depth 4 | ConvertFrom-Json } }
    ) {
        $proxy = @{ ProxyCommand = "touch '$folder/was-run'" }
        $null = 'ops@box1:1' | Get-NestedSupport -Options $proxy @Quiet
        "$folder/was-run" | Should -Exist
        Remove-Item -Path "$folder/was-run"
        $piped = [pscustomobject]@{ HostName = 'box1'; Target = $failure[0].TargetObject } | & $Way

        $piped | Get-NestedSupport @Quiet
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'HostNameInvalid,*'
        $failure[0].ErrorDetails.RecommendedAction | Should -BeLike '*-Options*'
        "$folder/was-run" | Should -Not -Exist

        $piped | Get-NestedSupport -Options $proxy @Quiet
        "$folder/was-run" | Should -Exist
        Remove-Item -Path "$folder/was-run"
    }

    It 'stay recorded hosts <Name>' -ForEach @(
        @{ Name = 'from Clixml'; Way = { $input | Export-Clixml "$folder/x.xml"; Import-Clixml "$folder/x.xml" } }
        @{ Name = 'from CSV'; Way = { $input | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Name = 'from JSON'; Way = { $input | ConvertTo-Json -Depth 2 | ConvertFrom-Json } }
    ) {
        $support = Get-NestedSupport -SnapshotPath (Get-Recording amd-host)
        $again = $support | & $Way | Get-NestedSupport

        $again.Target.Transport | Should -Be Snapshot
        $again.Target.Path | Should -Be $support.Target.Path
        $again.Verdict | Should -Be $support.Verdict
    }

    It 'are refused with the reason where what they were is not to be had' {
        $row = [pscustomobject]@{ HostName = 'a'; Target = [pscustomobject]@{ Name = 'a'; Transport = 'Snapshot' } }
        $there = [pscustomobject]@{ HostName = 'localhost'; Target = 'local:'; PSComputerName = 'box9' }
        $row, $there | Get-NestedSupport @Quiet | Should -BeNullOrEmpty

        $failure.FullyQualifiedErrorId | Should -BeLike 'InputNotHost,*'
        $failure[0].ErrorDetails.Message | Should -BeLike '*no Path*'
        $failure[1].ErrorDetails.Message | Should -BeLike '*as seen from box9*'
    }

    It 'can be named with -Target' {
        $support = Get-NestedSupport -SnapshotPath (Get-Recording amd-host)
        $support.Target | Export-Clixml -Path "$folder/target.xml"

        (Get-NestedSupport -Target (Import-Clixml -Path "$folder/target.xml")).Verdict | Should -Be $support.Verdict
        { Get-NestedSupport -Target ([pscustomobject]@{ Color = 'red' }) } |
            Should -Throw -ExpectedMessage '*is no host*'
    }
}

Describe 'Devices in the pipeline' {
    BeforeAll {
        $file = Get-Recording amd-host
        $devices = Get-NestPciDevice -SnapshotPath $file | Where-Object { $null -ne $_.IommuGroup }
    }

    It 'give their groups' {
        ($devices[-1] | Get-IommuGroup).Number | Should -Be $devices[-1].IommuGroup
        ($devices[0, -1] | Get-IommuGroup).Number |
            Should -Be ($devices[0, -1].IommuGroup | Sort-Object -Unique)
    }
}

Describe 'The text of a plan in the pipeline' -Skip:$noSsh {
    It 'is one plan, not one a line' {
        $tree = "$folder/tree"
        $kvm = Start-TreeHost "$folder/sshd" $tree
        try {
            $null = Enable-NestedVirtualization @kvm -AsPlan | Export-NestPlan -Path "$folder/plan.json" -PassThru
            $said = Get-Content -Path "$folder/plan.json" |
                Invoke-NestPlan -KeyFilePath $kvm.KeyFilePath -Options $kvm.Options -PassThru -Verbose 4>&1

            $said | Where-Object { "$_" -like 'Planning for*' } | Should -HaveCount 1
            ($said | Where-Object { $_ -is [NestVirt.Changes.ChangeResult] }).State | Should -Be InEffect
        }
        finally {
            Stop-TestHost "$folder/sshd"
        }
    }
}

Describe 'What matches nothing' {
    It 'is an error for <Name>: <Id>' -ForEach @(
        @{ Name = 'Get-IommuGroup'; With = @{ Number = 0, 4711 }; Id = '4711' }
        @{ Name = 'Get-IommuGroup'; With = @{ Address = 'ffff:00:00.0', '*' }; Id = 'ffff:00:00.0' }
        @{ Name = 'Get-NestPciDevice'; With = @{ Address = 'ffff:00:00.0', '*' }; Id = 'ffff:00:00.0' }
        @{ Name = 'Get-SriovDevice'; With = @{ Address = 'ffff:00:00.0' }; Id = 'ffff:00:00.0' }
        @{ Name = 'Get-KvmModule'; With = @{ Name = 'kvm_intle', 'kvm' }; Id = 'kvm_intle' }
        @{ Name = 'Get-NestPciDevice'; With = @{ Class = 'Ethernet', 'Ethernot' }; Id = 'Ethernot' }
        @{ Name = 'Get-NestPciDevice'; With = @{ Driver = 'none', 'vfio_pci' }; Id = 'vfio_pci' }
        @{ Name = 'Get-NestPciDevice'; With = @{ Vendor = '0x8086', 'Inlet' }; Id = 'Inlet' }
    ) {
        & $Name -SnapshotPath (Get-Recording amd-host) @With @Quiet | Out-Null

        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ValueNotFound,*'
        $failure[0].CategoryInfo.Category | Should -Be ObjectNotFound
        $failure[0].TargetObject | Should -Be $Id
    }

    It 'is silence for a wildcard' {
        Get-NestPciDevice -SnapshotPath (Get-Recording amd-host) -Address 'ffff:*' -ErrorAction Stop |
            Should -BeNullOrEmpty
        Get-NestPciDevice -SnapshotPath (Get-Recording amd-host) -Class x* -Driver x* -Vendor x* -ErrorAction Stop |
            Should -BeNullOrEmpty
    }

    It 'is an error for a change that was never made' -Skip:$noSsh {
        $kvm = Start-TreeHost "$folder/sshd2" "$folder/tree2"
        try {
            Get-NestChange @kvm -Id 4711 @Quiet | Should -BeNullOrEmpty
        }
        finally {
            Stop-TestHost "$folder/sshd2"
        }

        $failure[0].FullyQualifiedErrorId | Should -BeLike 'ValueNotFound,*'
        $failure[0].TargetObject | Should -Be 4711
    }

    It 'is a warning where the IOMMU is off' -Skip:$IsWindows {
        'proc', 'sys/bus/pci/devices', 'sys/kernel/iommu_groups' | ForEach-Object {
            $null = New-Item -ItemType Directory -Path "$folder/off/$_" -Force
        }
        Get-IommuGroup -Root "$folder/off" -WarningVariable warned -WarningAction SilentlyContinue |
            Should -BeNullOrEmpty

        $warned | Should -HaveCount 1
        "$warned" | Should -BeLike 'off: The IOMMU is off*'
    }
}

Describe 'Groups of bridges' {
    It 'are neither viable nor not' {
        $groups = Get-IommuGroup -SnapshotPath (Get-Recording amd-host)
        $bridges = $groups | Where-Object { -not ($_.Devices | Where-Object IsBridge -EQ $false) }

        $bridges | Should -Not -BeNullOrEmpty
        $bridges | ForEach-Object { $_.IsViable | Should -BeNullOrEmpty }
        $viable = Get-IommuGroup -SnapshotPath (Get-Recording amd-host) -Viable
        $viable | Where-Object Number -In $bridges.Number | Should -BeNullOrEmpty
    }
}
