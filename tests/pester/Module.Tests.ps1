BeforeDiscovery {
    . "$PSScriptRoot/common.ps1"
    $cmdlets = Get-Command -Module NestVirt | ForEach-Object { @{ Name = $_.Name; Command = $_ } }
    $parameters = foreach ($cmdlet in $cmdlets) {
        $common = [System.Management.Automation.Cmdlet]::CommonParameters
        $cmdlet.Command.Parameters.Values | Where-Object Name -NotIn $common | ForEach-Object {
            @{ Name = $cmdlet.Name; Parameter = $_.Name; Metadata = $_ }
        }
    }
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $moduleBase = (Get-Module -Name NestVirt).ModuleBase

    function Get-PageSection {
        [OutputType([string])]
        param([string] $Name, [string] $Section)

        $text = Get-Content -Raw -Path "$RepositoryRoot/docs/en-US/$Name.md"
        [regex]::Match($text, "(?ms)^## $Section\n(.*?)(?=^## |\z)").Groups[1].Value
    }
}

Describe 'The module' {
    It 'has a valid manifest' {
        $manifest = Test-ModuleManifest -Path (Join-Path $moduleBase 'NestVirt.psd1')

        $manifest.Name | Should -Be NestVirt
        "$($manifest.Version)" | Should -Be (Split-Path -Leaf $moduleBase)
        $manifest.CompatiblePSEditions | Should -Be Core
    }

    It 'exports the cmdlets of its manifest and nothing else' {
        $manifest = Import-PowerShellDataFile -Path (Join-Path $moduleBase 'NestVirt.psd1')

        (Get-Command -Module NestVirt).Name | Sort-Object | Should -Be ($manifest.CmdletsToExport | Sort-Object)
        Get-Command -Module NestVirt | ForEach-Object CommandType | Sort-Object -Unique | Should -Be Cmdlet
        Get-Alias | Where-Object Source -EQ NestVirt | Should -BeNullOrEmpty
    }

    It 'ships our own assemblies only' {
        Get-ChildItem -Path "$moduleBase/bin" -Filter *.dll | ForEach-Object Name |
            Should -Be NestVirt.Core.dll, NestVirt.PowerShell.dll
    }

    It 'shows the syntax and the parameters of each cmdlet, whatever this system lacks' {
        foreach ($cmdlet in Get-Command -Module NestVirt) {
            Get-Command -Name $cmdlet.Name -Syntax | Should -Match "(?m)^$($cmdlet.Name) "
            $cmdlet.Parameters.Values.ParameterType | Should -Not -BeNullOrEmpty
        }
    }

    It 'does not tell where it was built' {
        $where = [regex]::Escape($RepositoryRoot)
        foreach ($file in Get-ChildItem -Path $moduleBase -Recurse -File) {
            foreach ($encoding in [System.Text.Encoding]::Latin1, [System.Text.Encoding]::Unicode) {
                $encoding.GetString([System.IO.File]::ReadAllBytes($file.FullName)) -match $where |
                    Should -BeFalse -Because "$($file.Name) is the same wherever it is built"
            }
        }
    }

    It 'says where the project, its licence and its changes are' {
        $data = (Import-PowerShellDataFile -Path (Join-Path $moduleBase 'NestVirt.psd1')).PrivateData.PSData

        [uri]::IsWellFormedUriString($data.ProjectUri, 'Absolute') | Should -BeTrue
        $data.LicenseUri, $data.ReleaseNotes | Should -BeLike "$($data.ProjectUri)/*"
        Get-Command -Module NestVirt | ForEach-Object {
            @((Get-Help -Name $_.Name).relatedLinks.navigationLink)[0].uri |
                Should -Be "$($data.ProjectUri)/blob/main/docs/en-US/$($_.Name).md"
        }
    }

    It 'ships nothing that only its developers need' {
        Get-ChildItem -Path "$moduleBase/bin" | ForEach-Object Extension | Sort-Object -Unique | Should -Be .dll
    }

    It 'can be published to a folder, and works when it is installed from there' {
        $folder = (New-Item -ItemType Directory -Path 'TestDrive:/publish').FullName
        $snapshot = Get-Recording amd-host
        $script = Join-Path $folder publish.ps1
        Set-Content -LiteralPath $script -Value {
            param($Module, $Folder, $Snapshot)
            $ErrorActionPreference = 'Stop'
            # The repositories that are registered, and the modules, of the user stay as they are.
            $env:XDG_DATA_HOME = "$Folder/data"
            $null = New-Item -ItemType Directory -Path "$Folder/data", "$Folder/gallery", "$Folder/modules"
            Register-PSResourceRepository -Name Folder -Uri "$Folder/gallery" -Trusted
            Publish-PSResource -Path $Module -Repository Folder
            Save-PSResource -Name NestVirt -Repository Folder -Prerelease -Path "$Folder/modules"
            Import-Module -Name "$Folder/modules/NestVirt"
            (Get-NestedSupport -SnapshotPath $Snapshot).HostName
        }

        Invoke-Pwsh -NonInteractive -File $script $moduleBase $folder $snapshot |
            Should -Be (Get-NestedSupport -SnapshotPath $snapshot).HostName
    }

    It 'ships its licence, those of others, its formats and its help' {
        "$moduleBase/LICENSE" | Should -Exist
        "$moduleBase/THIRD-PARTY-NOTICES.txt" | Should -Exist
        "$moduleBase/en-US/NestVirt.PowerShell.dll-Help.xml" | Should -Exist
        "$moduleBase/en-US/about_NestVirt.help.txt" | Should -Exist
        "$moduleBase/en-US/about_NestVirtHosts.help.txt" | Should -Exist
        "$moduleBase/en-US/about_NestVirtPlans.help.txt" | Should -Exist
    }

    It 'imports from the folder above its version, and changes nothing else in the session' {
        $script = {
            param($Path)
            function Get-State {
                [ordered]@{
                    Variables   = Get-Variable -Scope Global | ForEach-Object Name | Sort-Object
                    Aliases     = Get-Alias | ForEach-Object Name | Sort-Object
                    Functions   = Get-ChildItem Function: | ForEach-Object Name | Sort-Object
                    Environment = Get-ChildItem Env: | ForEach-Object { "$($_.Name)=$($_.Value)" } | Sort-Object
                    Style       = "$($PSStyle.OutputRendering) $($PSStyle.Progress.View)"
                } | ConvertTo-Json -Compress
            }
            Import-Module Microsoft.PowerShell.Utility, Microsoft.PowerShell.Management
            # The first look loads what looking needs.
            $before = $null
            $after = $null
            $null = Get-State
            $before = Get-State
            Import-Module $Path -ErrorAction Stop
            $after = Get-State
            "$($before -ceq $after) $((Get-Command -Module NestVirt).Count -gt 0)"
        }

        Invoke-Pwsh -NonInteractive -Command "& { $script } '$(Split-Path $moduleBase)'" |
            Should -Be 'True True'
    }

    It 'can be removed and imported again' {
        $script = {
            param($Path)
            1..2 | ForEach-Object {
                Import-Module $Path -ErrorAction Stop
                Remove-Module NestVirt -ErrorAction Stop
            }
            Import-Module $Path -ErrorAction Stop
            (Get-Command -Module NestVirt).Count -gt 0
        }

        Invoke-Pwsh -NonInteractive -Command "& { $script } '$(Split-Path $moduleBase)'" |
            Should -Be 'True'
    }
}

Describe 'The help of <Name>' -ForEach $cmdlets {
    BeforeAll {
        $help = Get-Help -Name $Name -Full
    }

    It 'says in a sentence what the cmdlet does' {
        $help.Synopsis.Trim() | Should -Match '^[A-Z].{20,}\.$'
        $help.description.Text | Should -Not -BeNullOrEmpty
    }

    It 'has three examples or more, each with code and words' {
        $examples = @($help.examples.example)

        $examples.Count | Should -BeGreaterOrEqual 3
        $examples | ForEach-Object { $_.code | Should -Match '^PS> ' }
        $examples | ForEach-Object { "$($_.remarks.Text)".Trim() | Should -Not -BeNullOrEmpty }
    }

    It 'shows output in its first examples' {
        Get-PageSection $Name EXAMPLES | Should -Match '(?m)^```output'
    }

    It 'shows the syntax that the cmdlet has' {
        $shown = foreach ($item in $help.syntax.syntaxItem) {
            $words = foreach ($parameter in $item.parameter) {
                $name = if ($parameter.position -eq 'named') { "-$($parameter.name)" } else { "[-$($parameter.name)]" }
                $value = $parameter.PSObject.Properties['parameterValue']
                $word = if ($value) { "$name <$($value.Value)>" } else { $name }
                if ($parameter.required -eq 'true') { $word } else { "[$word]" }
            }
            "$Name $($words -join ' ') [<CommonParameters>]"
        }

        $shown | Sort-Object | Should -Be ($Command.ParameterSets | ForEach-Object { "$Name $_" } | Sort-Object)
    }

    It 'describes the parameters that the cmdlet has' {
        $common = [System.Management.Automation.Cmdlet]::CommonParameters

        $help.parameters.parameter.name |
            Should -Be ($Command.Parameters.Keys | Where-Object { $_ -notin $common } | Sort-Object)
    }

    It 'names the type that the cmdlet writes' {
        $help.returnValues.returnValue.type.name.Trim() | Should -Be $Command.OutputType.Name
    }
}

Describe 'The help of <Name> -<Parameter>' -ForEach $parameters {
    BeforeAll {
        $help = Get-Help -Name $Name -Parameter $Parameter
    }

    It 'describes it, and says rightly how it is used' {
        "$($help.description.Text)".Trim() | Should -Match '(?s)^[A-Z].{10,}\.$'
        $help.globbing | Should -Be "$($Metadata.Attributes.TypeId -contains [SupportsWildcards])".ToLowerInvariant()
        $help.aliases | Should -Be $(if ($Metadata.Aliases) { $Metadata.Aliases -join ', ' } else { 'none' })
        $type = [Nullable]::GetUnderlyingType($Metadata.ParameterType) ?? $Metadata.ParameterType
        $help.type.name.Trim() | Should -Be $type.FullName
    }
}

Describe 'The topic <_>' -ForEach about_NestVirt, about_NestVirtHosts, about_NestVirtPlans {
    It 'is found, with a short description' {
        $topic = Get-Help -Name $_

        "$topic" | Should -Match "TOPIC\s+$_"
        "$topic" | Should -Match 'SHORT DESCRIPTION'
    }

    It 'fits 80 columns' {
        $lines = "$(Get-Help -Name $_)" -split "`n"

        $lines | Where-Object { $_.TrimEnd().Length -gt 80 -and $_ -notmatch '^ {8}' } | Should -BeNullOrEmpty
    }
}
