BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $file = Get-Recording amd-host
    $devices = Get-NestPciDevice -SnapshotPath $file

    # An array has a method of the name Address, which hides the property of its members.
    $addresses = $devices | ForEach-Object Address
}

Describe 'Get-NestPciDevice' {
    It 'writes every function, in the order of addresses' {
        $devices | Should -BeOfType NestVirt.Model.PciDevice
        $addresses | Should -Be ($addresses | Sort-Object -Unique)
        $addresses | Should -Contain 0000:00:00.0
    }

    It 'keeps classes by name and by code' {
        $cards = $devices | Where-Object { $_.ClassCode -shr 8 -eq 0x0200 } | ForEach-Object Address

        $cards | Should -Not -BeNullOrEmpty
        Get-NestPciDevice -SnapshotPath $file -Class 'Ethernet*' | ForEach-Object Address | Should -Be $cards
        Get-NestPciDevice -SnapshotPath $file -Class 0200* | ForEach-Object Address | Should -Be $cards
        Get-NestPciDevice -SnapshotPath $file -Class 0x0200?? | ForEach-Object Address | Should -Be $cards
    }

    It 'keeps drivers, vendors and addresses' {
        $virtio = $devices | Where-Object Driver -EQ virtio-pci | ForEach-Object Address

        $virtio | Should -Not -BeNullOrEmpty
        Get-NestPciDevice -SnapshotPath $file -Driver VIRTIO* | ForEach-Object Address | Should -Be $virtio
        $redHat = $devices | Where-Object VendorId -EQ 0x1af4 | ForEach-Object Address
        Get-NestPciDevice -SnapshotPath $file -Vendor 1af4 | ForEach-Object Address | Should -Be $redHat
        (Get-NestPciDevice -SnapshotPath $file -Vendor '*Red Hat*').VendorId | Should -BeIn 0x1af4, 0x1b36
        Get-NestPciDevice -SnapshotPath $file -Address 00:00.0 | ForEach-Object Address | Should -Be 0000:00:00.0
        Get-NestPciDevice -SnapshotPath $file -Address 00:00.0 -Driver virtio-pci | Should -BeNullOrEmpty
    }

    It 'decodes what only root could read when it was recorded' {
        ($devices | Where-Object PortType -EQ RootPort).Acs | Should -Not -BeNullOrEmpty
    }

    It 'says what the host itself needs' {
        $devices | Where-Object IsUsedByHost | Should -Not -BeNullOrEmpty
    }

    It 'fits a table of 80 columns' {
        $lines = ($devices | Show) -split '\r?\n'

        $lines | ForEach-Object { $_.Length } | Sort-Object | Select-Object -Last 1 | Should -BeLessOrEqual 80
        ($lines -match '\S')[0] | Should -Match '^HostName +Address +Group +Driver +Description$'
    }

    It 'shows capabilities and uses in its list' {
        $text = $devices | Format-List | Out-String -Width 200

        $text | Should -Match 'Acs +: '
        $text | Should -Match 'HostUses +: \w'
    }

    It 'completes classes, drivers and vendors, and quotes what needs it' {
        Complete 'Get-NestPciDevice -Class eth' | Should -Be "'Ethernet controller'"
        Complete "Get-NestPciDevice -Class 'eth" | Should -Be "'Ethernet controller'"
        Complete 'Get-NestPciDevice -Driver no' | Should -Be none
        Complete 'Get-NestPciDevice -Driver vfio' | Should -Be vfio-pci
        Complete 'Get-NestPciDevice -Driver virtio' | Should -Contain virtio-pci
        Complete 'Get-NestPciDevice -Vendor Red' | Should -Contain "'Red Hat, Inc.'"
    }
}
