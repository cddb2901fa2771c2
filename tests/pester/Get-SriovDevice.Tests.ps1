BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $file = Get-Recording amd-host
    $devices = Get-SriovDevice -SnapshotPath $file
}

Describe 'Get-SriovDevice' {
    It 'writes the physical functions, with the virtual ones that they have' {
        $devices | Should -BeOfType NestVirt.Model.SriovDevice
        $devices[0].Driver | Should -Be igb
        $devices[0].TotalCount | Should -Be 7
        $devices[0].VirtualFunctions.Count | Should -Be $devices[0].Count
    }

    It 'keeps the addresses that are asked for' {
        $address = $devices[0].Address
        Get-SriovDevice -SnapshotPath $file -Address $address | ForEach-Object Address | Should -Be $address
        Get-SriovDevice -SnapshotPath $file -Address ffff:* | Should -BeNullOrEmpty
    }

    It 'fits a table of 80 columns' {
        $lines = ($devices | Show) -split '\r?\n'

        $lines | ForEach-Object { $_.Length } | Sort-Object | Select-Object -Last 1 | Should -BeLessOrEqual 80
        ($lines -match '\S')[0] | Should -Match '^HostName +Address +VFs +TotalCount +Driver +Name$'
    }

    It 'shows the virtual functions in its list' {
        $devices | Format-List | Out-String -Width 200 | Should -Match 'VirtualFunctions'
    }

    It 'completes -Address by what was read already' {
        Complete 'Get-SriovDevice -Address 0000:' | Should -Contain $devices[0].Address
    }
}
