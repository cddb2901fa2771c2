BeforeDiscovery {
    . "$PSScriptRoot/common.ps1"
    $folders = 'NestVirt.psd1', 'PSScriptAnalyzerSettings.psd1', 'build.ps1', 'examples', 'tests/pester', 'tests/lab'
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
}

Describe 'The PowerShell files in <_>' -ForEach $folders {
    It 'pass PSScriptAnalyzer' {
        if (-not (Get-Module -ListAvailable -Name PSScriptAnalyzer)) {
            Set-ItResult -Skipped -Because 'PSScriptAnalyzer is not installed'
        }

        $settings = "$RepositoryRoot/PSScriptAnalyzerSettings.psd1"
        Invoke-ScriptAnalyzer -Path "$RepositoryRoot/$_" -Recurse -Settings $settings |
            ForEach-Object { "$($_.ScriptName):$($_.Line) $($_.RuleName) $($_.Message)" } |
            Should -BeNullOrEmpty
    }
}

Describe 'The example <_>' -ForEach @(
    Get-ChildItem -Path "$RepositoryRoot/examples" -Filter *.ps1 | ForEach-Object Name
) {
    It 'runs as it stands, and shows something' {
        & "$RepositoryRoot/examples/$_" -ErrorVariable failure | Out-String | Should -Match '\w'

        $failure | Should -BeNullOrEmpty
    }
}
