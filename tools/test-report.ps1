<#
.SYNOPSIS
    Says what became of a suite of xUnit tests, from the report that its runner wrote.
.DESCRIPTION
    Prints each failed test with its message and each reason for skipping with how many tests it holds up, and writes
    "PASSED FAILED SKIPPED" to the file of counts. A runner that gave no report, or says that it failed and names no
    test, counts as one failed test. One that was interrupted (code 124 of timeout), since its time was up, counts as one
    skipped test: what it got to stands.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [string] $Name,

    # The folder that holds NAME.xml, of the runner, and NAME.log, what it printed.
    [Parameter(Mandatory)]
    [string] $Folder,

    # What the runner ended with.
    [Parameter(Mandatory)]
    [int] $ExitCode
)

$ErrorActionPreference = 'Stop'

function Write-Failure {
    param([string] $Title, [string] $Message)

    "FAILED: $Title"
    @($Message -split '\r?\n') | Select-Object -First 12 | ForEach-Object {
        "  $($_.Substring(0, [Math]::Min(300, $_.Length)))"
    }
}

$passed = $failed = $skipped = 0
$isInterrupted = $ExitCode -eq 124
$report = $null
try {
    $report = [xml] (Get-Content -Raw -LiteralPath "$Folder/$Name.xml")
}
catch {
    Write-Verbose "no report: $_"
}

if ($report) {
    $tests = $report.SelectNodes('//test')
    $passed = @($tests | Where-Object result -eq Pass).Count
    $skips = @($tests | Where-Object result -eq Skip)
    $skipped = $skips.Count
    $failures = @($tests | Where-Object result -eq Fail) + @($report.SelectNodes('//error')) |
        Where-Object { -not ($isInterrupted -and $_.OuterXml -match 'OperationCanceledException|TaskCanceledException') }
    $failures = @($failures)
    $failed = $failures.Count
    $failures | ForEach-Object { Write-Failure $_.GetAttribute('name') $_.SelectSingleNode('failure/message').InnerText }
    $skips | ForEach-Object { $_.SelectSingleNode('reason').InnerText } | Group-Object | Sort-Object Name |
        ForEach-Object { "  $($_.Count) skipped: $($_.Name)" }
}

if ($isInterrupted) {
    $skipped++
    "  1 skipped: the time was up before the end$(if (-not $report) { ', and it left no report' }) (NESTVIRT_TEST_ALL=yes takes it)"
}
elseif ($failed -eq 0 -and ($ExitCode -ne 0 -or $passed + $skipped -eq 0)) {
    $failed = 1
    Write-Failure "$Name ended with code $ExitCode and names no failed test; its output ends:" (
        (Get-Content -LiteralPath "$Folder/$Name.log" -Tail 12 -ErrorAction Ignore) -join "`n")
}

Set-Content -LiteralPath "$Folder/$Name.counts" -Value "$passed $failed $skipped"
"${Name}: $passed passed, $failed failed, $skipped skipped"
