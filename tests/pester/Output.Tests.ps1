# What becomes of objects on their way: to a table, a file, a job, a string, a session with less rights.

BeforeDiscovery {
    . "$PSScriptRoot/common.ps1"
    $file = Get-Recording amd-host
    $views = foreach ($type in Get-ChildItem -Path "$RepositoryRoot/Formats/*.Format.ps1xml") {
        @{ Type = $type.Name -replace '\.Format\.ps1xml$'; Path = $type.FullName }
    }
    $ways = @(
        @{ Name = 'as it is'; Way = { $input } }
        @{
            Name = 'from Clixml'
            Way  = { $input | Export-Clixml -Path TestDrive:/way.xml; Import-Clixml -Path TestDrive:/way.xml }
        }
        @{
            Name = 'from a job'
            Way  = {
                $in = [System.Management.Automation.PSSerializer]::Serialize(@($input), 2)
                [System.Management.Automation.PSSerializer]::Deserialize($in)
            }
        }
    )
    $cases = foreach ($view in $views) { foreach ($way in $ways) { $view + $way } }
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $file = Get-Recording amd-host
    $none = [System.Collections.Generic.List[string]]::new()
    $change = [NestVirt.Changes.HostChange]::new('kvm.nested', 'N', 'Y', [NestVirt.Changes.HostStep]::new('value', $none))
    $change.GetType().GetProperty('Undo').SetValue($change, 'writes N')
    $changes = [System.Collections.Generic.List[NestVirt.Changes.HostChange]]::new()
    $changes.Add($change)
    $target = [NestVirt.Hosts.HostTarget]::Local
    $plan = [NestVirt.Changes.ChangePlan]::new(
        $target, [NestVirt.Changes.NestingRequest]::new($true),
        [NestVirt.Changes.HostIdentity]::new('id', 'boot', 'kernel'), $changes)
    $result = [NestVirt.Changes.ChangeResult]::new($target, 'enable nesting', 'InEffect')
    $entry = [NestVirt.Changes.JournalEntry]::new($target, 3, 'Applied')
    $entry.GetType().GetProperty('When').SetValue($entry, [System.DateTimeOffset]::Now)
    $entry.GetType().GetProperty('Plan').SetValue($entry, $plan)
    $entry.GetType().GetProperty('Effect').SetValue($entry, [NestVirt.Changes.ChangeState]::InEffect)
    $modules = Get-KvmModule -SnapshotPath $file
    $standIn = Start-StandIn
    $support = Get-NestedSupport -SnapshotPath $file
    $device = Get-NestPciDevice -SnapshotPath $file | Select-Object -First 1
    $difference = [NestVirt.Model.IommuDifference]::new('Joined', '0000:01:00.0')
    $owned = [NestVirt.Model.VmPciDevice]::new($target)
    $ownedByKvm = @{
        VmName = 'lab'; VmId = "$([guid]::NewGuid())"; Address = '0000:3b:00.0'; Device = 'NVMe'
        State = [NestVirt.Model.VmState]::Running; Kind = [NestVirt.Model.VmPciKind]::Disk; IsAttached = $true; IsDefined = $false; IsRestartPending = $true; IsManaged = $true
        Part = 'namespace 1'; Driver = 'vfio-pci'; RequestedDriver = 'vfio'; IommuGroup = 14; PhysicalFunction = '0000:3b:00.1'
        MacAddress = '52:54:00:6d:90:02'; Vlans = [int[]] (42, 43); Network = 'pool'; PortGroup = 'gold'
        GuestAddress = '0000:07:00.0'; IsMultifunction = $true; BootOrder = 1; IsRomShown = $false; RomFile = '/srv/card.rom'
    }
    foreach ($pair in $ownedByKvm.GetEnumerator()) {
        $owned.GetType().GetProperty($pair.Key).SetValue($owned, $pair.Value)
    }
    $guest = Get-VmNestedCpu @standIn | Select-Object -First 1
    $ofKvm = @{
        IsExposedNow = $true; IsRestartPending = $true; CpuMode = 'custom'; CpuModel = 'EPYC'
        IsInUse = $true; WasUsed = $true; NestedRunCount = 41L
        CpuFeatures = [string[]] ('require svm', 'disable npt'); Enlightenments = [string[]] ('relaxed', 'vapic')
        IsMigratable = $true; IsPersistent = $true; IsStartedWithHost = $false
    }
    foreach ($pair in $ofKvm.GetEnumerator()) {
        $guest.GetType().GetProperty($pair.Key).SetValue($guest, $pair.Value)
    }
    $samples = @{
        'NestVirt.Model.NestedSupport'    = $support
        'NestVirt.Model.IommuGroup'       = Get-IommuGroup -SnapshotPath $file | Select-Object -First 1
        'NestVirt.Model.PciDevice'        = $device
        'NestVirt.Model.SriovDevice'      = [NestVirt.Model.SriovDevice]::new(
            '0000:01:00.0', [NestVirt.Model.SriovState]::new(64, 4))
        'NestVirt.Model.KvmModule'        = $modules[0]
        'NestVirt.Model.ModuleParameter'  = $modules[0].Parameters[0]
        'NestVirt.Model.VmNestedCpu'      = $guest
        'NestVirt.Model.VmPciDevice'      = $owned
        'NestVirt.Model.Finding'          = $support.Reasons[0]
        'NestVirt.Model.IommuDifference'  = $difference
        'NestVirt.Hosts.HostTarget'       = $support.Target
        'NestVirt.Changes.HostChange'     = $change
        'NestVirt.Changes.ChangePlan'     = $plan
        'NestVirt.Changes.ChangeResult'   = $result
        'NestVirt.Changes.JournalEntry'   = $entry
        'NestVirt.Sessions.NestSession'   = New-NestSession
        'NestVirt.Model.ConnectionCheck'  = ($check = Test-NestConnection)
        'NestVirt.Model.ConnectionStep'   = $check.Steps[0]
    }
    $sriov = $samples['NestVirt.Model.SriovDevice']
    $sriov.GetType().GetProperty('Device').SetValue($sriov, $device)

    # What a cell shows and what the property of its name has, both in plain words.
    function Get-Cell {
        [OutputType([hashtable])]
        param([string] $Path, [object] $Sample)

        $table = ([xml](Get-Content -Raw -Path $Path)).SelectSingleNode('//TableControl')
        $headers = @($table.SelectNodes('.//TableColumnHeader'))
        $items = @($table.SelectNodes('.//TableColumnItem'))
        for ($i = 0; $i -lt $headers.Count; $i++) {
            $script = $items[$i].SelectSingleNode('ScriptBlock')?.InnerText
            $shown = if ($script) {
                $Sample | ForEach-Object -Process ([scriptblock]::Create($script))
            }
            else {
                $Sample.($items[$i].PropertyName)
            }

            $name = $headers[$i].Label
            $value = $Sample.$name
            $words = if ($name -eq 'When') { '{0:yyyy-MM-dd HH:mm}' -f $value.LocalDateTime } else { $value -join ', ' }
            @{
                Name  = $name
                Shown = ("$($shown -join ', ')" -replace '\e\[[0-9;]*m' -replace '\n', ', ')
                Value = ($words -replace '\n', ', ')
            }
        }
    }
}

AfterAll {
    Get-NestSession | Remove-NestSession
    Stop-StandIn
}

Describe 'The table of <Type>, <Name>' -ForEach $cases {
    It 'shows what the property of the column has' {
        $sample = @($samples[$Type] | & $Way)[0]
        $sample | Should -Not -BeNullOrEmpty
        foreach ($cell in Get-Cell -Path $Path -Sample $sample) {
            $cell.Shown | Should -Be $cell.Value -Because "that is $($cell.Name)"
        }
    }

    It 'is drawn by its own view, with no cell that says it failed' {
        $text = @($samples[$Type] | & $Way)[0] | Format-Table | Out-String -Width 300

        $labels = ([xml](Get-Content -Raw -Path $Path)).SelectNodes('//TableControl//Label').InnerText
        foreach ($label in $labels) {
            $text | Should -Match "\b$label\b"
        }
        $text | Should -Not -Match '#ERR|System\.|<>|NestVirt\.'
    }
}

Describe 'The text of <Type>' -ForEach $views {
    It 'is short, and has no name of the compiler' {
        "$($samples[$Type])".Length | Should -BeLessThan 200
        "$($samples[$Type])" | Should -Not -Match '[{}]|<\S*>|NestVirt\.|System\.'
    }

    It 'is words in CSV' {
        ($samples[$Type] | ConvertTo-Csv) -join "`n" | Should -Not -Match 'System\.|<>|NestVirt\.|\w+ \{ '
    }

    It 'is words in JSON' {
        $json = $samples[$Type] | ConvertTo-Json -Depth 4 -WarningAction Ignore
        $json | Should -Not -Match '<>z__|NestVirt\.'
        $json | Should -Not -Match '"(Severity|Verdict|Transport|State|Layer|Platform|TakesEffect|Effect)": +\d'
    }
}

Describe 'Words that tables show' {
    It 'filter: <Property> -eq <Value>' -ForEach @(
        @{ Type = 'NestVirt.Changes.ChangeResult'; Property = 'State'; Value = 'InEffect' }
        @{ Type = 'NestVirt.Changes.JournalEntry'; Property = 'Effect'; Value = 'InEffect' }
        @{ Type = 'NestVirt.Model.NestedSupport'; Property = 'Nested'; Value = $null }
        @{ Type = 'NestVirt.Model.NestedSupport'; Property = 'Iommu'; Value = $null }
        @{ Type = 'NestVirt.Model.SriovDevice'; Property = 'VFs'; Value = 4 }
        @{ Type = 'NestVirt.Model.IommuGroup'; Property = 'Group'; Value = 0 }
    ) {
        $sample = $samples[$Type]
        $wanted = if ($null -eq $Value) { "$($sample.$Property)" } else { $Value }

        $sample | Where-Object $Property -EQ $wanted | Should -Be $sample
        $sample | Where-Object $Property -EQ 'nothing like it' | Should -BeNullOrEmpty
        "$wanted" | Should -Match '^\w+$'
    }

    It 'filter: Isolated, Viable, Group and Name' {
        $groups = Get-IommuGroup -SnapshotPath $file
        @($groups | Where-Object Isolated) | Should -Be @($groups | Where-Object IsIsolated)
        @($groups | Where-Object Viable) | Should -Be @($groups | Where-Object IsViable)
        $device | Where-Object Name -EQ $device.Name | Should -Be $device
        $device | Where-Object Group -EQ $device.IommuGroup | Should -Be $device
    }
}

Describe 'A job' {
    It 'gives objects that tables show whole, and that mean the same host' {
        $module = "$((Get-Module -Name NestVirt).ModuleBase)/NestVirt.psd1"
        $job = Start-Job -ScriptBlock {
            Import-Module -Name $using:module
            Get-NestedSupport -SnapshotPath $using:file
            Get-IommuGroup -SnapshotPath $using:file | Select-Object -First 1
        }
        $answer = $job | Receive-Job -Wait -AutoRemoveJob

        $answer[0] | Format-List | Out-String -Width 200 | Should -Match "$($support.Reasons[0].Code): "
        $answer[0] | Format-Table | Out-String -Width 200 | Should -Match "$($support.Verdict) .*$($support.Nested)"
        ($answer[0] | Get-NestedSupport).Verdict | Should -Be $support.Verdict
    }
}

Describe 'A constrained session' {
    It 'shows the same table' {
        $shell = [powershell]::Create()
        try {
            $module = "$((Get-Module -Name NestVirt).ModuleBase)/NestVirt.psd1"
            $null = $shell.AddCommand('Import-Module').AddArgument($module).Invoke()
            $shell.Commands.Clear()
            $shell.Runspace.SessionStateProxy.LanguageMode = 'ConstrainedLanguage'
            $null = $shell.AddScript(@"
                `$PSStyle.OutputRendering = 'PlainText'
                Get-NestedSupport -SnapshotPath '$file' | Format-Table | Out-String -Width 120
                Get-NestedSupport -SnapshotPath '$file' | Format-List | Out-String -Width 120
"@)
            $text = ($shell.Invoke() -join "`n") -replace '\e\[[0-9;]*m'
        }
        finally {
            $shell.Dispose()
        }

        $text | Should -Match "amd-host +$($support.Verdict) +$($support.Nested)"
        $text | Should -Match "Nested +: $($support.Nested) now"
    }
}
