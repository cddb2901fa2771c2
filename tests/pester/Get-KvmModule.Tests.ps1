BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $file = Get-Recording amd-host
    $modules = Get-KvmModule -SnapshotPath $file
}

Describe 'Get-KvmModule' {
    It 'writes the modules with their parameters' {
        $modules | Should -BeOfType NestVirt.Model.KvmModule
        $modules.Name | Should -Contain kvm
        $amd = $modules | Where-Object Name -EQ kvm_amd
        $amd.State | Should -Be Loaded
        $amd.Nested | Should -Be On
        ($amd.Parameters | Where-Object Name -EQ nested).Value | Should -Be 1
    }

    It 'keeps the names that are asked for, a hyphen for an underscore' {
        (Get-KvmModule -SnapshotPath $file -Name kvm-amd).Name | Should -Be kvm_amd
        (Get-KvmModule -SnapshotPath $file -Name KVM*).Name | Should -Be @($modules | Where-Object Name -Like kvm*).Name
        { Get-KvmModule -SnapshotPath $file -Name none -ErrorAction Stop } |
            Should -Throw -ErrorId 'ValueNotFound,*'
    }

    It 'fits a table of 80 columns' {
        $lines = ($modules | Show) -split '\r?\n'

        $lines | ForEach-Object { $_.Length } | Sort-Object | Select-Object -Last 1 | Should -BeLessOrEqual 80
        ($lines -match '\S')[0] | Should -Match '^HostName +Name +State +Nested +Settings$'
    }

    It 'shows every parameter in its list, and as a table of its own' {
        $amd = $modules | Where-Object Name -EQ kvm_amd

        $amd | Format-List | Out-String -Width 200 | Should -Match 'nested=1'
        $amd.Parameters | Show | Should -Match '(?m)^Name +Value +Configured'
    }

    It 'completes -Name without having asked any host' {
        Complete 'Get-KvmModule -HostName never-read -Name kvm' | Should -Be kvm, kvm_amd, kvm_hv, kvm_intel
    }
}
