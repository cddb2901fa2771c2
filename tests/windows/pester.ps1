<#
.SYNOPSIS
    Runs files of the Pester suite, and leaves what became of them in files: under Wine nothing else can be read.
#>
[CmdletBinding()]
param(
    # The file that gets the counts; beside it comes one with what failed.
    [Parameter(Mandatory)]
    [string] $ResultPath,

    # The test files, with commas between them: an argument after -File is one text.
    [Parameter(Mandatory)]
    [string] $Path
)

$folder = Split-Path $ResultPath
& (Join-Path $PSScriptRoot '../pester/run.ps1') -Verbosity None -ResultPath $ResultPath -Path ($Path -split ',') |
    Set-Content -LiteralPath "$folder/pester.said"
([xml] (Get-Content -Raw -LiteralPath "$folder/pester.xml")).SelectNodes('//test-case[@result="Failure"]') |
    ForEach-Object { "FAILED: $($_.name)"; "  $($_.failure.message)" -split '\r?\n' | Select-Object -First 6 } |
    Add-Content -LiteralPath "$folder/pester.said"
