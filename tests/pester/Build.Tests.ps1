BeforeAll {
    . "$PSScriptRoot/common.ps1"
}

Describe 'build.ps1 on Windows' {
    BeforeEach {
        Push-Location -LiteralPath (New-Item -ItemType Directory -Path "TestDrive:/$([guid]::NewGuid())").FullName
        . "$RepositoryRoot/tools/build-steps.ps1"
        $null = New-Item -ItemType Directory -Path $Results
    }

    AfterEach {
        Pop-Location
    }

    It 'adds up what the suites wrote, and takes one that wrote nothing for failed' {
        Set-Content -LiteralPath "$Results/one.counts" -Value '3 0 1'
        Set-Content -LiteralPath "$Results/two.counts" -Value '4 1 0'
        Set-Content -LiteralPath "$Results/torn.counts" -Value '5 0'

        $total = Measure-Suite one, two, torn, absent

        "$($total.Passed) $($total.Failed) $($total.Skipped)" | Should -Be '7 3 1'
    }

    It 'builds, and then stages the module and the program' {
        $asked = [Collections.Generic.List[string]]::new()
        function dotnet {
            $asked.Add("$args")
            $global:LASTEXITCODE = 0
        }

        Build-All

        $asked[0] | Should -BeLike 'build NestVirt.PowerShell.sln *'
        $asked[1] | Should -BeLike 'build src/NestVirt.PowerShell * -t:StageModule *'
        $asked[2] | Should -BeLike 'publish src/NestVirt.Cli * -o artifacts/bin'
    }

    It 'ends where a step fails' {
        function dotnet {
            $global:LASTEXITCODE = 1
        }

        { Build-All } | Should -Throw -ExpectedMessage 'dotnet build NestVirt.PowerShell.sln*'
    }
}
