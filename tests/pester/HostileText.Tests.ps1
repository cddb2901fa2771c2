# What a host says reaches a terminal as text: every property of every record, in every view, and every stream.

BeforeDiscovery {
    . "$PSScriptRoot/common.ps1"

    # What cmdlets write, and what is in it: a new record, or a new property, is found by itself.
    $core = [NestVirt.Hosts.HostTarget].Assembly
    # A session is made of no text of its host but the account, which is checked as one that is typed.
    $written = (Get-Command -Module NestVirt).OutputType.Type |
        Where-Object { $_.Assembly -eq $core -and $_ -ne [NestVirt.Sessions.NestSession] }
    $parts = $core.GetExportedTypes() | Where-Object {
        $_.Namespace -in 'NestVirt.Model', 'NestVirt.Changes' -and $_.IsClass -and -not $_.IsAbstract -and
        $_.BaseType -eq [object] -and $_.GetMethod('<Clone>$')
    }
    $types = @($written) + $parts + [NestVirt.Hosts.HostTarget] | Sort-Object FullName -Unique | ForEach-Object {
        @{ Type = $_; Name = $_.Name }
    }
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    if (-not ('NestVirt.Testing.HostileRecords' -as [type])) {
        Add-Type -Path "$RepositoryRoot/tests/shared/HostileRecords.cs"
    }

    # Without colours PowerShell would take the sequences of a host away, too.
    $rendering = $PSStyle.OutputRendering
    $PSStyle.OutputRendering = 'Ansi'

    # What a terminal would obey or hide, apart from our own colours and the ends of lines.
    function Get-Leak {
        [OutputType([string])]
        param([string] $Text)

        [NestVirt.Testing.HostileRecords]::Leaks(($Text -replace '\e\[[0-9;]*m' -replace '\r\n', "`n"))
    }

    $ways = @{
        'Format-Table'        = { $_ | Format-Table }
        'Format-Table *'      = { $_ | Format-Table -Property * }
        'Format-List'         = { $_ | Format-List }
        'Format-List *'       = { $_ | Format-List -Property * }
        'Format-Wide'         = { $_ | Format-Wide }
        'Format-Custom'       = { $_ | Format-Custom }
        'Format-Custom *'     = { $_ | Format-Custom -Property * -Depth 8 }
        'in another, a list'  = { [pscustomobject]@{ Record = $_; List = @($_, $_) } | Format-List }
        'in another, a table' = { [pscustomobject]@{ Record = $_; List = @($_, $_) } | Format-Table }
        'in another, custom'  = { [pscustomobject]@{ Record = $_; List = @($_, $_) } | Format-Custom }
        'as a text'           = { "$_" }
        'each property alone' = { foreach ($property in $_.PSObject.Properties.Name) { $_.$property } }
        'each property, wide' = {
            foreach ($property in $_.PSObject.Properties.Name) { $_ | Format-Wide -Property $property }
        }
    }
}

AfterAll {
    $PSStyle.OutputRendering = $rendering
}

Describe 'A <Name> with the texts of a hostile host' -ForEach $types {
    It 'is shown by every view without what a terminal obeys or hides' -Tag Security {
        $record = [NestVirt.Testing.HostileRecords]::Of($Type)
        foreach ($way in $ways.Keys) {
            $text = $record | ForEach-Object $ways[$way] | Out-String -Width 4000
            Get-Leak $text | Should -BeNullOrEmpty -Because "$way shows it"
        }
    }

    It 'is shown so by its own view when it comes from a file' -Tag Security {
        $way = [System.Management.Automation.PSSerializer]
        $record = $way::Deserialize($way::Serialize([NestVirt.Testing.HostileRecords]::Of($Type), 3))
        foreach ($text in ($record | Format-Table | Out-String -Width 4000), ($record | Format-List | Out-String -Width 4000)) {
            Get-Leak $text | Should -BeNullOrEmpty
        }
    }
}

Describe 'A recorded host with a hostile name' {
    BeforeAll {
        $bad = "x`e[2J`u{9b}31m`u{202e}`u{200b}`u{e0041}`n`r`a"
        $folder = New-Item -ItemType Directory -Path 'TestDrive:/hostile'
        $good = Join-Path $folder.FullName "good$bad.json"
        $broken = Join-Path $folder.FullName "broken$bad.json"
        [System.IO.File]::Copy((Get-Recording amd-host), $good)
        [System.IO.File]::WriteAllText($broken, '{}')
    }

    It 'is harmless in errors, warnings and verbose lines' -Tag Security {
        $said = & {
            $ErrorActionPreference = 'Continue'
            $files = Get-Item -LiteralPath $good, $broken
            $files | Get-NestedSupport -Verbose
            $files | Get-IommuGroup -Verbose
            Get-NestPciDevice -SnapshotPath (Join-Path $folder.FullName "none`e]0;x`u{9b}`u{e0041}`u{202e}.json")
        } *>&1

        $errors = @($said | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
        $errors.Count | Should -BeGreaterOrEqual 2
        $lines = foreach ($item in $said) {
            if ($item -is [System.Management.Automation.ErrorRecord]) {
                "$($item.ErrorDetails)"
                $item | Out-String -Width 4000
            }
            else {
                $item | Out-String -Width 4000
            }
        }
        Get-Leak ($lines -join "`n") | Should -BeNullOrEmpty
    }

    It 'is harmless in what -WhatIf tells' -Tag Security {
        $tree = Join-Path $folder.FullName "tree`e]0;x`u{9b}31m`u{e0041}`u{202e}"
        New-HostTree $tree
        $script = "`$PSStyle.OutputRendering = 'Ansi'
            Import-Module -Name '$((Get-Module -Name NestVirt).Path)'
            Enable-NestedVirtualization -Root '$tree' -WhatIf -Verbose"
        $said = Invoke-Pwsh -NonInteractive -Command $script *>&1 | Out-String -Width 4000

        $said | Should -Match 'What if: '
        Get-Leak $said | Should -BeNullOrEmpty
    }
}
