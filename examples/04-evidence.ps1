<#
.SYNOPSIS
    Records hosts, without what identifies them, and reads the files back.
.DESCRIPTION
    Runs as it stands: it records this machine when it is a Linux one, and a recorded host otherwise.
.EXAMPLE
    ./04-evidence.ps1 -HostName kvm1, kvm2 -Path ./evidence
#>
[CmdletBinding()]
param(
    [string[]] $HostName,

    [string] $Path = (Join-Path ([System.IO.Path]::GetTempPath()) "nestvirt-evidence-$PID")
)

$ErrorActionPreference = 'Stop'
Import-Module -Name "$PSScriptRoot/../artifacts/module/NestVirt"

$source = if ($HostName) {
    @{ HostName = $HostName }
}
elseif ($IsLinux) {
    @{}
}
else {
    @{ SnapshotPath = "$PSScriptRoot/hosts" }
}

Export-NestSnapshot @source -Path "$Path/" -Redact -PassThru -ErrorAction Continue | Get-NestedSupport
