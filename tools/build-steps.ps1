<#
.SYNOPSIS
    The steps behind build.ps1 on Windows; dot-sourced, not run. The working directory is the root of the repository.
#>

$Configuration = if ($env:CONFIGURATION) { $env:CONFIGURATION } else { 'Release' }
$Results = 'artifacts/test-results'
$Pwsh = @('tool', 'run', 'pwsh', '--', '-NoProfile', '-NonInteractive')
$env:DOTNET_CLI_TELEMETRY_OPTOUT = $env:DOTNET_NOLOGO = '1'

# Runs dotnet with what follows, and ends the script when it fails.
function Invoke-Dotnet {
    & dotnet @args | Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw "dotnet $($args -join ' ') ended with code $LASTEXITCODE."
    }
}

function Build-Module {
    Invoke-Dotnet build src/NestVirt.PowerShell -c $Configuration '-t:StageModule' -v q
}

function Build-Program {
    Invoke-Dotnet publish src/NestVirt.Cli -c Release --use-current-runtime --no-self-contained -v q --nologo `
        '-p:PublishAot=false' '-p:PublishSingleFile=true' '-p:DebugType=embedded' -o artifacts/bin
}

function Build-All {
    Invoke-Dotnet build NestVirt.PowerShell.sln -c $Configuration -v q
    Build-Module
    Build-Program
}

function Format-All {
    Invoke-Dotnet tool restore
    Invoke-Dotnet csharpier format .
}

# Runs a suite of xUnit tests, and says what became of it as the suites of build.sh do.
function Invoke-XunitSuite {
    param([string] $Name, [string] $Project)

    # Windows PowerShell makes errors of what a program writes to standard error.
    $ErrorActionPreference = 'Continue'
    $folder = "artifacts/bin/$Project/$($Configuration.ToLowerInvariant())"
    & (Join-Path $PWD "$folder/$Project.exe") -noLogo -noColor -filterVSTest 'Category!=Lab' -result-xml "$Results/$Name.xml" `
        > "$Results/$Name.log" 2>&1
    & dotnet @Pwsh -File tools/test-report.ps1 -Name $Name -Folder $Results -ExitCode $LASTEXITCODE | Out-Host
}

# Adds up what the suites wrote; one that wrote nothing has failed.
function Measure-Suite {
    param([string[]] $Name)

    $sum = 0, 0, 0
    foreach ($suite in $Name) {
        $line = Get-Content -LiteralPath "$Results/$suite.counts" -ErrorAction Ignore | Select-Object -First 1
        $counts = if ("$line" -match '^\d+ \d+ \d+$') { [int[]] ($line -split ' ') } else { 0, 1, 0 }
        $sum = 0..2 | ForEach-Object { $sum[$_] + $counts[$_] }
    }

    [pscustomobject] @{ Passed = $sum[0]; Failed = $sum[1]; Skipped = $sum[2] }
}

# Runs everything that Windows can run, prints the totals, and gives the exit code.
function Invoke-AllTest {
    Remove-Item -Recurse -Force -LiteralPath $Results -ErrorAction Ignore
    $null = New-Item -ItemType Directory -Force -Path $Results
    Invoke-Dotnet tool restore
    Invoke-Dotnet build tools/TestTools -restore '-t:StagePester' -v q
    Build-All
    Invoke-XunitSuite module NestVirt.Module.Tests
    Invoke-XunitSuite cli NestVirt.Cli.Tests
    Invoke-XunitSuite stand-in NestVirt.StandIn.Tests
    Invoke-XunitSuite core NestVirt.Core.Tests
    & dotnet @Pwsh -File tests/pester/run.ps1 -ResultPath "$Results/pester.counts" -Path tests/pester | Out-Host
    $total = Measure-Suite module, cli, stand-in, core, pester
    Write-Host "$($total.Passed) passed, $($total.Failed) failed, $($total.Skipped) skipped"
    [int] ($total.Failed -gt 0)
}
