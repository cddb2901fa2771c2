<#
.SYNOPSIS
    Says of many hosts whether they can nest, and what keeps the others from it.
.DESCRIPTION
    Runs as it stands over the recorded hosts beside it. Name hosts of your own to ask them over SSH.
.EXAMPLE
    ./01-inventory.ps1
.EXAMPLE
    ./01-inventory.ps1 -HostName kvm1, root@kvm2
#>
[CmdletBinding()]
param(
    [string[]] $HostName
)

$ErrorActionPreference = 'Stop'
Import-Module -Name "$PSScriptRoot/../artifacts/module/NestVirt"

$source = if ($HostName) { @{ HostName = $HostName } } else { @{ SnapshotPath = "$PSScriptRoot/hosts" } }
$support = Get-NestedSupport @source -ErrorAction Continue | Sort-Object -Property HostName

# What each host is.
$support | Format-Table

# What to do on those that are not ready.
$support | Where-Object Verdict -NE Ready | ForEach-Object {
    foreach ($reason in $_.Reasons | Where-Object Severity -NE Information) {
        [pscustomobject]@{
            HostName = $_.HostName
            Code     = $reason.Code
            Remedy   = $reason.Remedy
        }
    }
} | Format-Table -Wrap
