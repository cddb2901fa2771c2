<#
.SYNOPSIS
    Shows which devices keep other company than before a change of a host.
.DESCRIPTION
    Runs as it stands over the recorded host beside it. To watch a host of your own, record it first:
    Export-NestSnapshot -HostName kvm1 -Path ./kvm1.json
.EXAMPLE
    ./03-before-and-after.ps1 -ReferencePath ./kvm1.json -HostName kvm1
#>
[CmdletBinding()]
param(
    [string] $ReferencePath = "$PSScriptRoot/hosts/before/kvm1.json",

    [string] $HostName
)

$ErrorActionPreference = 'Stop'
Import-Module -Name "$PSScriptRoot/../artifacts/module/NestVirt"

$source = if ($HostName) { @{ HostName = $HostName } } else { @{ SnapshotPath = "$PSScriptRoot/hosts/kvm1.json" } }
Compare-IommuGroup -ReferencePath $ReferencePath @source
