BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $file = Get-Recording amd-host
    $groups = Get-IommuGroup -SnapshotPath $file
}

Describe 'Get-IommuGroup' {
    It 'writes the groups in the order of their numbers' {
        $groups | Should -BeOfType NestVirt.Model.IommuGroup
        $groups.Number | Should -Be ($groups.Number | Sort-Object -Unique)
        $groups.Count | Should -BeGreaterThan 5
        $groups.Devices | ForEach-Object Address | Should -Contain 0000:00:00.0
    }

    It 'says why devices share a group' {
        $shared = $groups | Where-Object { -not $_.IsIsolated -and $_.Devices.Count -gt 1 }

        $shared | Should -Not -BeNullOrEmpty
        $shared | ForEach-Object { $_.Reasons | Should -Not -BeNullOrEmpty }
    }

    It 'keeps the numbers that are asked for' {
        (Get-IommuGroup -SnapshotPath $file -Number $groups[1].Number, 4711 @Quiet).Number | Should -Be $groups[1].Number
    }

    It 'keeps the groups of an address, with wildcards, with the domain and without' {
        $address = $groups[-1].Devices[0].Address

        (Get-IommuGroup -SnapshotPath $file -Address $address).Number | Should -Be $groups[-1].Number
        (Get-IommuGroup -SnapshotPath $file -Address $address.Substring(5)).Number | Should -Be $groups[-1].Number
        (Get-IommuGroup -SnapshotPath $file -Address 0000:*).Count | Should -Be $groups.Count
        Get-IommuGroup -SnapshotPath $file -Address ffff:* | Should -BeNullOrEmpty
    }

    It 'keeps isolated groups, and viable ones' {
        $isolated = Get-IommuGroup -SnapshotPath $file -Isolated
        $viable = Get-IommuGroup -SnapshotPath $file -Viable

        $isolated.Number | Should -Be ($groups | Where-Object IsIsolated).Number
        @($viable | ForEach-Object Number) | Should -Be @($groups | Where-Object IsViable | ForEach-Object Number)
        $isolated.Count | Should -BeLessThan $groups.Count
    }

    It 'finds the host again through the pipeline' {
        $groups | Get-IommuGroup -Number $groups[0].Number | ForEach-Object Number | Should -Be $groups[0].Number
    }

    It 'fits a table of 80 columns, with a line for each device' {
        $lines = ($groups | Show) -split '\r?\n'

        $lines | ForEach-Object { $_.Length } | Sort-Object | Select-Object -Last 1 | Should -BeLessOrEqual 80
        ($lines -match '\S')[0] | Should -Match '^HostName +Group +Type +Isolated +Viable +Devices$'
        foreach ($address in $groups.Devices | ForEach-Object Address) {
            $lines -match [regex]::Escape($address) | Should -Not -BeNullOrEmpty
        }
    }

    It 'shows the reasons in its list' {
        $shared = $groups | Where-Object { $_.Reasons.Count -gt 0 } | Select-Object -First 1

        $text = $shared | Format-List | Out-String -Width 200

        $shared.Reasons | ForEach-Object { $text | Should -Match "$($_.Severity) $($_.Code): " }
    }

    It 'completes -Number and -Address by what was read already' {
        Complete 'Get-IommuGroup -Number ' | Should -Contain "$($groups[0].Number)"
        Complete 'Get-IommuGroup -Address 0000:00:0' | Should -Contain 0000:00:00.0
        Complete 'Get-IommuGroup -HostName never-read -Address ' | Should -Not -Contain 0000:00:00.0
    }
}
