BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $class = 'NestVirt.PowerShell.Commands.SetNestPciDriverCommand'
}

Describe 'Set-NestPciDriver' {
    It 'wants one driver' -ForEach @(
        @{ Arguments = @{} }
        @{ Arguments = @{ Driver = 'vfio-pci'; HostDriver = $true } }
    ) {
        { Set-NestPciDriver -HostName none -Address 0000:01:00.0 @Arguments } |
            Should -Throw -ErrorId "RequestInvalid,$class"
    }

    It 'refuses <Name>, before it connects' -ForEach @(
        @{ Name = 'what is no address'; Arguments = @{ Address = 'zz'; HostDriver = $true } }
        @{ Name = 'what is no driver'; Arguments = @{ Address = '0000:01:00.0'; Driver = 'a/../b' } }
    ) {
        { Set-NestPciDriver -HostName none @Arguments } | Should -Throw -ErrorId "RequestInvalid,$class"
    }

    It 'advises in the words of the module' {
        $refused = { Set-NestPciDriver -HostName none -Address zz -HostDriver } | Should -Throw -PassThru
        $refused.ErrorDetails.RecommendedAction | Should -BeLike '*: Get-NestPciDevice.'
    }

    It 'takes the host and the address of each device from the pipeline, and not its driver' {
        $devices = Get-NestPciDevice -SnapshotPath (Get-Recording amd-host) | Select-Object -First 3
        $devices | Set-NestPciDriver -HostDriver -WholeGroup @Quiet

        $failure | Should -HaveCount 3
        $failure[0].FullyQualifiedErrorId | Should -Be "HostRecorded,$class"
    }

    It 'takes host for the driver of the host, as nestvirt does' -Skip:$IsWindows {
        $folder = (Get-Item -Path TestDrive:/).FullName
        New-HostTree "$folder/tree"
        $device = New-Item -ItemType Directory -Path "$folder/tree/sys/bus/pci/devices/0000:01:00.0"
        Set-Content -Path "$device/vendor", "$device/device", "$device/class" -Value 0x8086
        Set-Content -Path "$device/driver_override" -Value '(null)'
        $asked = @{ Root = "$folder/tree"; Address = '0000:01:00.0'; AsPlan = $true }
        $plan = Set-NestPciDriver @asked -Driver Host

        $plan.Title | Should -Be (Set-NestPciDriver @asked -HostDriver).Title
        $plan.Title | Should -Not -Match 'to host'
    }

    It 'offers addresses that were read, and drivers' {
        $devices = Get-NestPciDevice -SnapshotPath (Get-Recording amd-host)
        Complete 'Set-NestPciDriver -Address ' | Should -Contain $devices[0].PSObject.Properties['Address'].Value
        Complete 'Set-NestPciDriver -Driver vf' | Should -Contain vfio-pci
        Complete 'Set-NestPciDriver -Driver ho' | Should -Contain host
    }
}
