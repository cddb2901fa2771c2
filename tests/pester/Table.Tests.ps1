# Tables are as wide as their content and no wider than the terminal; from 80 columns on every word is whole.

BeforeDiscovery {
    $views = foreach ($view in Get-ChildItem -Path "$PSScriptRoot/../../Formats/*.Format.ps1xml") {
        @{ Type = $view.Name -replace '\.Format\.ps1xml$'; Path = $view.FullName }
    }
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"

    # PowerShell wraps at words in some languages only; the invariant one is not among them.
    $culture = [cultureinfo]::CurrentCulture
    $rendering = $PSStyle.OutputRendering
    [cultureinfo]::CurrentCulture = 'en-US'
    $PSStyle.OutputRendering = 'PlainText'

    # The same record with other properties.
    function Copy-Record {
        [OutputType([object])]
        param([object] $Record, [hashtable] $With)

        $copy = $Record.GetType().GetMethod('<Clone>$').Invoke($Record, $null)
        foreach ($name in $With.Keys) {
            $property = $copy.GetType().GetProperty($name)
            $value = $With[$name] -as ([System.Nullable]::GetUnderlyingType($property.PropertyType) ?? $property.PropertyType)
            $property.SetValue($copy, $value)
        }

        $copy
    }

    # The words of a cell: a column shows the property of its name.
    function Get-Word {
        [OutputType([string])]
        param([object] $Row, [string] $Column)

        $value = $Row.$Column
        $text = switch ($Column) {
            'When' { if ($value) { '{0:yyyy-MM-dd HH:mm}' -f $value.LocalDateTime } }
            'Devices' { @($value) + @($Row.OtherDevices) -join ' ' }
            default { $value -join ', ' }
        }
        -split $text -ne ''
    }

    # A recorded host is named as its file.
    $name = 'compute-0123.example.net'
    $files = foreach ($file in Get-ChildItem -Path "$RepositoryRoot/tests/recordings/*.json") {
        $folder = New-Item -ItemType Directory -Path "TestDrive:/$($file.BaseName)"
        $file
        Copy-Item -Path $file.FullName -Destination "$($folder.FullName)/$name.json" -PassThru
    }
    $target = $null
    $null = [NestVirt.Hosts.HostTarget]::TryParseSsh("administrator@${name}:22022", [ref] $target)
    $tree = "$((Get-Item -Path TestDrive:/).FullName)/tree"
    New-HostTree $tree

    $support = Get-NestedSupport -SnapshotPath $files.FullName
    $modules = Get-KvmModule -SnapshotPath $files.FullName
    $standIn = Start-StandIn -Argument '--vms', '2'
    $guests = Get-VmNestedCpu @standIn
    $kvm = $modules | Where-Object Name -EQ kvm | Select-Object -First 1
    $configured = foreach ($word in 'ignore_msrs=1', 'report_ignored_msrs=0', 'halt_poll_ns=200000') {
        $parameter = [NestVirt.Model.ModuleParameter]::new(($word -split '=')[0], ($word -split '=')[1])
        Copy-Record $parameter @{ Configured = ($word -split '=')[1]; ConfiguredBy = '/etc/modprobe.d/kvm.conf:3' }
    }
    $devices = Get-NestPciDevice -SnapshotPath $files.FullName
    $device = Copy-Record $devices[0] @{
        Target = $target
        Address = '0000:3b:00.0'
        IommuGroup = 124
        Class = 'Non-Volatile memory controller'
        Vendor = 'Samsung Electronics Co Ltd'
        Device = 'NVMe SSD Controller PM9A1/PM9A3/980PRO'
    }
    $drivers = foreach ($driver in 'xhci_hcd', 'vfio-pci', 'mlx5_core', 'megaraid_sas', 'snd_hda_intel') {
        Copy-Record $device @{ Driver = $driver }
    }
    $plans = @(
        Enable-NestedVirtualization -Root $tree -AsPlan
        Set-KvmModuleParameter -Root $tree -Module kvm_intel -Parameter @{ enable_shadow_vmcs = 1 } -AsPlan
    ) | ForEach-Object { Copy-Record $_ @{ Target = $target } }
    $difference = Copy-Record ([NestVirt.Model.IommuDifference]::new('Moved', '0000:3b:00.0')) @{
        Target = $target
        PreviousGroup = 102
        Group = 124
        Gained = [string[]] ('0000:3b:00.1', '0000:3b:00.2')
        Lost = [string[]] '0000:3a:00.0'
    }
    $result = [NestVirt.Changes.ChangeResult]::new($target, 'bind 0000:3b:00.0 to vfio-pci', 'NotInEffect')
    $entry = [NestVirt.Changes.JournalEntry]::new($target, 128, 'Interrupted')

    $owned = Copy-Record ([NestVirt.Model.VmPciDevice]::new($target)) @{
        VmName  = 'build 7'
        VmId    = "$([guid]::NewGuid())"
        Address = '0000:3b:00.0'
        Vendor  = 'Samsung Electronics Co Ltd'
        Device  = 'NVMe SSD Controller PM9A1/PM9A3/980PRO'
    }

    $rows = @{
        'NestVirt.Model.NestedSupport'    = @(
            $support
            Copy-Record $support[0] @{ Target = $target; Verdict = 'Configurable' }
            Copy-Record $support[0] @{
                Nested = [NestVirt.Model.NestedFacts]::new($null, 'NotApplicable', $null, 'NotApplicable')
                Iommu  = [NestVirt.Model.IommuSummary]::new('Unknown', $null)
            }
        )
        'NestVirt.Model.IommuGroup'       = @(
            Get-IommuGroup -SnapshotPath $files.FullName
            Copy-Record (Get-IommuGroup -SnapshotPath $files[0].FullName)[0] @{
                Target  = $target
                Type    = 'unmanaged'
                Devices = [NestVirt.Model.PciDevice[]] @($drivers)
            }
        )
        'NestVirt.Model.PciDevice'        = @($devices) + @($drivers)
        'NestVirt.Model.SriovDevice'      = @(Get-SriovDevice -SnapshotPath $files.FullName)
        'NestVirt.Model.KvmModule'        = @($modules) + @(
            Copy-Record $kvm @{ Parameters = [NestVirt.Model.ModuleParameter[]] @($configured) })
        'NestVirt.Model.ModuleParameter'  = @($modules.Parameters) + @($configured)
        'NestVirt.Model.VmNestedCpu'      = @($guests) + @(Get-VmNestedCpu -SnapshotPath (Get-Recording libvirt/kvm1)) + @(
            Copy-Record $guests[0] @{ Target = $target; VmName = 'build 7'; Nesting = 'WillNotStart'; Verdict = 'Blocked' }
            Copy-Record $guests[0] @{ Nesting = 'Now'; Verdict = 'Unknown' })
        'NestVirt.Model.VmPciDevice'      = @(
            $owned
            Copy-Record $owned @{
                Kind             = 'MediatedDevice'
                State            = 'Running'
                Part             = '53764d0e-85a0-42b4-af5c-2046b460b1dc'
                IsRestartPending = $true
                Address          = $null
            }
            Copy-Record $owned @{ Target = $target; Address = $null; LocationPath = 'PCIROOT(0)#PCI(0100)' })
        'NestVirt.Model.Finding'          = @($support.Reasons) + @(
            Copy-Record $support[0].Reasons[0] @{ Code = 'VirtualizationDisabledInFirmware'; Severity = 'Information' })
        'NestVirt.Model.IommuDifference'  = @(
            $difference
            Compare-IommuGroup -ReferencePath (Get-Recording amd-host) -SnapshotPath (Get-Recording amd-host-after)
            Copy-Record $difference @{ Change = 'TurnedOff' }
        )
        'NestVirt.Hosts.HostTarget'       = @($support.Target) + @($target)
        'NestVirt.Changes.HostChange'     = @($plans.Changes)
        'NestVirt.Changes.ChangePlan'     = @($plans)
        'NestVirt.Changes.ChangeResult'   = @(
            $result
            Copy-Record $result @{ Id = 128; Pending = [NestVirt.Model.Finding[]] @($support.Reasons)[0] }
        )
        'NestVirt.Changes.JournalEntry'   = @(
            Copy-Record $entry @{ Effect = 'NotInEffect'; Plan = $plans[1] }
            Copy-Record $entry @{ When = [System.DateTimeOffset]::Now; Plan = $plans[0] }
        )
        'NestVirt.Model.ConnectionCheck'  = @(
            ($check = Test-NestConnection)
            Copy-Record $check @{ Target = $target; Message = 'No SSH server listens on that port, or a firewall refuses it.' }
        )
        'NestVirt.Model.ConnectionStep'   = @($check.Steps)
        'NestVirt.Sessions.NestSession'   = @(
            New-NestSession
            New-NestSession -Name 'the hosts of Monday'
        )
    }
}

AfterAll {
    Get-NestSession | Remove-NestSession
    Stop-StandIn
    [cultureinfo]::CurrentCulture = $culture
    $PSStyle.OutputRendering = $rendering
}

Describe 'The table of <Type>' -ForEach $views {
    BeforeAll {
        $table = ([xml](Get-Content -Raw -Path $Path)).SelectSingleNode('//TableControl')
        $columns = @($table.SelectNodes('.//TableColumnHeader') | ForEach-Object Label)
        $given = $rows[$Type]
        $words = $given | ForEach-Object { $row = $_; $columns | ForEach-Object { Get-Word $row $_ } }
    }

    It 'has rows to show, of this type' {
        $given.Count | Should -BeGreaterThan 1
        $given | Should -BeOfType $Type
    }

    It 'has every word whole in <_> columns' -ForEach 80, 100, 120, 200 {
        $text = $given | Format-Table | Out-String -Width $_

        $shown = -split $text | Group-Object -AsHashTable -AsString -CaseSensitive
        foreach ($word in $words | Group-Object -CaseSensitive) {
            @($shown[$word.Name]).Count | Should -BeGreaterOrEqual $word.Count -Because "$($word.Name) is in`n$text"
        }
        $text | Should -Not -Match '…'
        $text -split '\r?\n' | ForEach-Object Length | Sort-Object -Bottom 1 | Should -BeLessOrEqual $_
    }

    It 'is no wider than its content' {
        $text = $given | Format-Table | Out-String -Width 200

        $start = 0
        foreach ($column in $columns | Select-Object -SkipLast 1) {
            $longest = $given | ForEach-Object { (Get-Word $_ $column) -join ' ' } | ForEach-Object Length |
                Sort-Object -Bottom 1
            $start += [Math]::Max($column.Length, $longest) + 1
        }
        $heading = @($text -split '\r?\n' -match '\S')[0]
        $heading.LastIndexOf($columns[-1]) | Should -Be $start -Because $text
    }

    It 'has its first column whole in <_> columns' -ForEach 40, 60 {
        $text = $given | Format-Table | Out-String -Width $_

        $text -split '\r?\n' | ForEach-Object Length | Sort-Object -Bottom 1 | Should -BeLessOrEqual $_
        $first = $given | ForEach-Object { Get-Word $_ $columns[0] } | Where-Object Length -LT $_ | Sort-Object -Unique
        foreach ($word in $first) {
            -split $text | Should -Contain $word
        }
    }
}

Describe 'A state in a table' {
    It 'is <Color>: <Column> <Word>' -ForEach @(
        @{ Type = 'NestVirt.Model.NestedSupport'; Column = 'Verdict'; Word = 'Ready'; Color = 'Green' }
        @{ Type = 'NestVirt.Model.NestedSupport'; Column = 'Verdict'; Word = 'Configurable'; Color = 'Yellow' }
        @{ Type = 'NestVirt.Model.NestedSupport'; Column = 'Verdict'; Word = 'Blocked'; Color = 'Red' }
        @{ Type = 'NestVirt.Model.IommuGroup'; Column = 'Viable'; Word = 'False'; Color = 'Yellow' }
        @{ Type = 'NestVirt.Model.KvmModule'; Column = 'Nested'; Word = 'On'; Color = 'Green' }
        @{ Type = 'NestVirt.Model.KvmModule'; Column = 'Nested'; Word = 'Off'; Color = 'Yellow' }
        @{ Type = 'NestVirt.Model.VmNestedCpu'; Column = 'Nesting'; Word = 'Now'; Color = 'Green' }
        @{ Type = 'NestVirt.Model.VmNestedCpu'; Column = 'Nesting'; Word = 'WillNotStart'; Color = 'Red' }
        @{ Type = 'NestVirt.Model.VmNestedCpu'; Column = 'Verdict'; Word = 'Configurable'; Color = 'Yellow' }
        @{ Type = 'NestVirt.Model.Finding'; Column = 'Severity'; Word = 'Error'; Color = 'Red' }
        @{ Type = 'NestVirt.Model.Finding'; Column = 'Severity'; Word = 'Warning'; Color = 'Yellow' }
        @{ Type = 'NestVirt.Model.IommuDifference'; Column = 'Change'; Word = 'TurnedOff'; Color = 'Red' }
        @{ Type = 'NestVirt.Model.IommuDifference'; Column = 'Change'; Word = 'Moved'; Color = 'Yellow' }
        @{ Type = 'NestVirt.Changes.ChangeResult'; Column = 'State'; Word = 'InEffect'; Color = 'Green' }
        @{ Type = 'NestVirt.Changes.ChangeResult'; Column = 'State'; Word = 'Pending'; Color = 'Yellow' }
        @{ Type = 'NestVirt.Changes.ChangeResult'; Column = 'State'; Word = 'NotInEffect'; Color = 'Red' }
        @{ Type = 'NestVirt.Changes.JournalEntry'; Column = 'State'; Word = 'Applied'; Color = 'Green' }
        @{ Type = 'NestVirt.Changes.JournalEntry'; Column = 'State'; Word = 'Interrupted'; Color = 'Red' }
        @{ Type = 'NestVirt.Changes.JournalEntry'; Column = 'Effect'; Word = 'Pending'; Color = 'Yellow' }
    ) {
        $property = @{ Viable = 'IsViable' }[$Column] ?? $Column
        $row = Copy-Record $rows[$Type][-1] @{ $property = $property -eq 'IsViable' ? [bool]::Parse($Word) : $Word }
        $way = [System.Management.Automation.PSSerializer]
        $deserialized = $way::Deserialize($way::Serialize($row, 2))

        foreach ($shown in $row, $deserialized) {
            $PSStyle.OutputRendering = 'Ansi'
            $colored = $shown | Format-Table | Out-String -Width 120
            $PSStyle.OutputRendering = 'PlainText'
            $plain = $shown | Format-Table | Out-String -Width 120

            $colored.Contains("$($PSStyle.Foreground.$Color)$Word$($PSStyle.Reset)") | Should -BeTrue
            $plain | Should -Match "\b$Word\b"
            $plain | Should -Not -Match '\e'
        }
    }
}
