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

    It 'fits a table of 80 columns' {
        $lines = (Compare-IommuGroup -ReferencePath $before -SnapshotPath $after | Show) -split '\r?\n'

        $lines | ForEach-Object { $_.Length } | Sort-Object | Select-Object -Last 1 | Should -BeLessOrEqual 80
        ($lines -match '\S')[0] | Should -Match '^HostName +Change +Address +Groups +Company$'
    }
}
