<#
.SYNOPSIS
    Lists the devices that a guest could be given, and why the others cannot be.
.DESCRIPTION
    Runs as it stands over the recorded hosts beside it. Name hosts of your own to ask them over SSH.
.EXAMPLE
    ./02-passthrough.ps1 -HostName kvm1
#>
[CmdletBinding()]
param(
    [string[]] $HostName
)

$ErrorActionPreference = 'Stop'
Import-Module -Name "$PSScriptRoot/../artifacts/module/NestVirt"

$source = if ($HostName) { @{ HostName = $HostName } } else { @{ SnapshotPath = "$PSScriptRoot/hosts" } }
$groups = Get-IommuGroup @source -ErrorAction Continue

# A device alone in its group, that the host itself does not need, can be given away without any other.
$groups |
    Where-Object IsIsolated |
    ForEach-Object { $_.Devices } |
    Where-Object { -not $_.IsBridge -and -not $_.IsUsedByHost } |
    Select-Object -Property HostName, IommuGroup, Address, Driver, Device |
    Format-Table

# The others, with the bridge or the function that is at fault.
$groups |
    Where-Object { @($_.Devices | Where-Object IsBridge -EQ $false).Count -gt 1 } |
    Format-List
