BeforeDiscovery {
    $noSsh = $IsWindows -or -not ((Get-Command -Name sshd -ErrorAction Ignore) -or (Test-Path -Path /usr/sbin/sshd))
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $before = Get-Recording amd-host
    $after = Get-Recording amd-host-after
    $class = 'NestVirt.PowerShell.Commands.CompareIommuGroupCommand'
}

Describe 'Compare-IommuGroup' {
    It 'writes nothing when every device keeps its company' {
        Compare-IommuGroup -ReferencePath $before -SnapshotPath $before | Should -BeNullOrEmpty
    }

    It 'writes what joined, left and moved between two snapshots' {
        $differences = Compare-IommuGroup -ReferencePath $before -SnapshotPath $after

        $differences | Should -Not -BeNullOrEmpty
        $differences | Should -BeOfType NestVirt.Model.IommuDifference
        $differences.HostName | Sort-Object -Unique | Should -Be amd-host-after
        $differences.ReferenceName | Sort-Object -Unique | Should -Be amd-host
    }

    It 'gives the opposite when the sides change places' {
        $there = Compare-IommuGroup -ReferencePath $before -SnapshotPath $after
        $back = Compare-IommuGroup -ReferencePath $after -SnapshotPath $before

        @($back | Where-Object Change -EQ Left).Count | Should -Be @($there | Where-Object Change -EQ Joined).Count
        @($back | Where-Object Change -EQ Joined).Count | Should -Be @($there | Where-Object Change -EQ Left).Count
        @($back | Where-Object Change -EQ Moved).Count | Should -Be @($there | Where-Object Change -EQ Moved).Count
    }

    It 'compares hosts from the pipeline' {
        Get-NestedSupport -SnapshotPath $before | Compare-IommuGroup -ReferencePath $before | Should -BeNullOrEmpty
    }

    It 'ends at once when the reference is not there' {
        { Compare-IommuGroup -ReferencePath TestDrive:/none.json -SnapshotPath $after } |
            Should -Throw -ErrorId "SourceNotFound,$class"
    }

    It 'writes an error for a host that fails' {
        Compare-IommuGroup -ReferencePath $before -LiteralPath TestDrive:/none.json @Quiet

        $failure[0].FullyQualifiedErrorId | Should -Be "SourceNotFound,$class"
        $failure[0].TargetObject.Name | Should -Be none
    }

    It 'compares the hosts of an inventory' {
        Set-Content -Path TestDrive:/hosts.psd1 -Value @'
@{ port = 1; sshOptions = @{ HostName = '127.0.0.1' }; hosts = 'kvm1', 'kvm2' }
'@
        Compare-IommuGroup -ReferencePath $before -InventoryPath TestDrive:/hosts.psd1 -HostName kvm2 @Quiet

        $failure.TargetObject.Name | Should -Be kvm2
    }

    It 'takes the reference from an object, and a snapshot by its longer name too' {
        $there = Compare-IommuGroup -ReferencePath $before -SnapshotPath $after
        $reference = (Get-NestedSupport -SnapshotPath $before).Target

        Compare-IommuGroup -ReferenceTarget $reference -SnapshotPath $after |
            ConvertTo-Json -Depth 5 | Should -Be ($there | ConvertTo-Json -Depth 5)
        @(Compare-IommuGroup -ReferenceSnapshotPath $before -SnapshotPath $after).Count | Should -Be @($there).Count
    }

    It 'takes the reference as the first word, a file or a host, and hosts as the second' -Skip:$noSsh {
        @(Compare-IommuGroup $before -SnapshotPath $after).Count |
            Should -Be @(Compare-IommuGroup -ReferencePath $before -SnapshotPath $after).Count
        Compare-IommuGroup $before 127.0.0.1:1 @Quiet
        $failure.ErrorDetails.Message | Should -BeLike '127.0.0.1: *'
        Compare-IommuGroup 127.0.0.1:1 -SnapshotPath $after @Quiet
        $failure.ErrorDetails.Message | Should -BeLike '*: The reference 127.0.0.1: *'
    }

    It 'takes two files as two words, as nestvirt iommu diff does' {
        Compare-IommuGroup $before $after | ConvertTo-Json -Depth 5 |
            Should -Be (Compare-IommuGroup -ReferencePath $before -SnapshotPath $after | ConvertTo-Json -Depth 5)
        @(Compare-IommuGroup $before $before, $after).HostName | Sort-Object -Unique | Should -Be amd-host-after
        Get-NestedSupport $after @Quiet
        $failure.FullyQualifiedErrorId | Should -BeLike 'HostNameInvalid,*'
    }

    It 'takes the hosts as the first word where another parameter names the reference' -Skip:$noSsh {
        Compare-IommuGroup 127.0.0.1:1 -ReferencePath $before @Quiet
        $failure.ErrorDetails.Message | Should -BeLike '127.0.0.1: *'
        { Compare-IommuGroup kvm1 kvm2 -ReferencePath $before } | Should -Throw -ErrorId "ReferenceNotOne,$class"
    }

    It 'wants one reference: <Name>' -ForEach @(
        @{ Name = 'not none'; With = @{} }
        @{ Name = 'not two'; With = @{ ReferencePath = 'a.json'; ReferenceHostName = 'kvm1' } }
    ) {
        { Compare-IommuGroup @With -SnapshotPath $after } | Should -Throw -ErrorId "ReferenceNotOne,$class"
    }

    It 'says that it is the reference that cannot be reached, once for each host' -Skip:$noSsh {
        Compare-IommuGroup -ReferenceHostName 127.0.0.1:1 -SnapshotPath $before, $after @Quiet

        $failure | Should -HaveCount 2
        $failure.FullyQualifiedErrorId | Sort-Object -Unique | Should -Be "HostUnreachable,$class"
        $failure.ErrorDetails.Message | Should -BeLike 'amd-host*: The reference 127.0.0.1: *'
    }

    It 'refuses a reference that is no host, or a group of several' {
        { Compare-IommuGroup -ReferenceHostName '-oProxyCommand=x' } | Should -Throw -ErrorId "HostNameInvalid,$class"

        Set-Content -Path TestDrive:/lab.psd1 -Value "@{ groups = @{ lab = 'kvm1', 'kvm2' } }"
        { Compare-IommuGroup -ReferenceHostName lab -InventoryPath TestDrive:/lab.psd1 } |
            Should -Throw -ErrorId "HostNameAmbiguous,$class"
    }

    It 'says in one line that the IOMMU was turned on or off' -Skip:$IsWindows {
        'sys/kernel/iommu_groups', 'sys/bus/pci/devices', 'proc' | ForEach-Object {
            $null = New-Item -ItemType Directory -Path "TestDrive:/off/$_" -Force
        }
        $off = (Get-Item -Path TestDrive:/off).FullName
        $count = @(Get-IommuGroup -SnapshotPath $before).Count
        $turnedOff = Compare-IommuGroup -ReferencePath $before -Root $off
        Export-NestSnapshot -Target $turnedOff.Target -Path TestDrive:/off.json
        $turnedOn = Compare-IommuGroup -ReferencePath TestDrive:/off.json -SnapshotPath $before

        $turnedOff, $turnedOn | ForEach-Object Change | Should -Be TurnedOff, TurnedOn
        $turnedOff.Address | Should -BeNullOrEmpty
        $turnedOn.Description | Should -BeLike "* devices in $count groups"
        $turnedOn | Show | Should -Match 'TurnedOn .*\d+ devices in \d+ groups'
    }

    Context 'with a live host' -Skip:$noSsh {
        BeforeAll {
            $folder = (Get-Item -Path TestDrive:/).FullName
            $live = Start-TestHost -Folder "$folder/live"
            $reach = @{ KeyFilePath = $live.KeyFilePath; Options = $live.Options }
        }

        AfterAll {
            Stop-TestHost -Folder "$folder/live"
        }

        It 'compares hosts with it, and asks it once' {
            # Each log-in leaves a line.
            $count = { @(Select-String -Path "$folder/live/*.log" -Pattern 'Accepted publickey').Count }
            $was = & $count
            $hosts = $live.HostName, ($live.HostName -split '@')[1]
            $answer = Compare-IommuGroup -ReferenceHostName $live.HostName -HostName $hosts @reach -Verbose 4>&1

            $answer | Should -HaveCount 2
            $answer | Should -BeLike 'Asking 127.0.0.1*'
            (& $count) - $was | Should -Be 3
        }

        It 'takes it from the inventory' {
            @{
                sshOptions = $live.Options
                identity   = $live.KeyFilePath
                user       = ($live.HostName -split '@')[0]
                hosts      = @{ kvm1 = @{ address = ($live.HostName -split '@')[1] } }
            } | ConvertTo-Json -Depth 4 | Set-Content -Path "$folder/hosts.json"

            Compare-IommuGroup -ReferenceHostName kvm1 -InventoryPath "$folder/hosts.json" -TrustInventory |
                Should -BeNullOrEmpty
        }
    }

    It 'fits a table of 80 columns' {
        $lines = (Compare-IommuGroup -ReferencePath $before -SnapshotPath $after | Show) -split '\r?\n'

        $lines | ForEach-Object { $_.Length } | Sort-Object | Select-Object -Last 1 | Should -BeLessOrEqual 80
        ($lines -match '\S')[0] | Should -Match '^HostName +Change +Address +Groups +Company$'
    }
}
