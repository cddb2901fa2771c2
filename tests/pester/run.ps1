<#
.SYNOPSIS
    Runs the Pester suite against the staged module.
.DESCRIPTION
    Writes "PASSED FAILED SKIPPED" to the result file, and beside it an NUnit file.
#>
[CmdletBinding()]
param(
    # The file that gets the counts.
    [string] $ResultPath = "$PSScriptRoot/../../artifacts/test-results/pester.counts",

    # Which test files to run.
    [string[]] $Path = $PSScriptRoot,

    [ValidateSet('None', 'Normal', 'Detailed', 'Diagnostic')]
    [string] $Verbosity = 'Normal'
)

$ErrorActionPreference = 'Stop'
Import-Module -Name "$PSScriptRoot/../../artifacts/pester/Pester.psd1"

$folder = Split-Path $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($ResultPath)
$null = New-Item -ItemType Directory -Path $folder -Force

$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = $Verbosity
$configuration.TestResult.Enabled = $true
$configuration.TestResult.OutputPath = Join-Path $folder 'pester.xml'
$result = Invoke-Pester -Configuration $configuration

# A file or a block that does not even start counts as failed.
$failed = $result.FailedCount + $result.FailedContainersCount + $result.FailedBlocksCount
Set-Content -Path $ResultPath -Value "$($result.PassedCount) $failed $($result.SkippedCount + $result.NotRunCount)"
@($result.Skipped) + @($result.NotRun) |
    Group-Object { "$($_.ErrorRecord)" ? "$($_.ErrorRecord)" : "$($_.Block.Path -join '.')" } |
    ForEach-Object { "  $($_.Count) skipped: $($_.Name)" }

@($result.Failed) + @($result.FailedBlocks) + @($result.FailedContainers) | Where-Object { $_ } | ForEach-Object {
    "FAILED: $($_.ExpandedPath ? $_.ExpandedPath : $_.Item)"
    "  $(("$($_.ErrorRecord)" -split '\r?\n' | Where-Object { $_.Trim() } | Select-Object -First 3) -join ' | ')"
}

exit [int]($failed -gt 0)
