<#
.SYNOPSIS
    Puts KVM and Hyper-V hosts into one table, and names the virtual machines that will not start.
.DESCRIPTION
    Runs as it stands over the recorded hosts beside it. "./nestvirt lab hyperv" starts a stand-in for a Hyper-V host,
    and says how it is reached.
.EXAMPLE
    ./05-both-kinds.ps1
.EXAMPLE
    ./05-both-kinds.ps1 -HostName kvm1 -ComputerName hv1, hv2 -Credential (Get-Credential)
#>
[CmdletBinding()]
param(
    [string[]] $HostName,

    [string[]] $ComputerName,

    # Of the Hyper-V hosts; without it your Kerberos ticket is used, over HTTPS.
    [pscredential] $Credential
)

$ErrorActionPreference = 'Stop'
Import-Module -Name "$PSScriptRoot/../artifacts/module/NestVirt"

$login = if ($Credential) { @{ Credential = $Credential } } else { @{ UseSSL = $true } }
$support = @(
    if ($HostName) { Get-NestedSupport -HostName $HostName -ErrorAction Continue }
    if ($ComputerName) { Get-NestedSupport -ComputerName $ComputerName @login -ErrorAction Continue }
    if (-not $HostName -and -not $ComputerName) { Get-NestedSupport -SnapshotPath "$PSScriptRoot/hosts" }
)

# The same columns, whichever hypervisor it is.
$support | Sort-Object -Property Verdict, HostName | Format-Table -Property HostName, Platform, Layer, Nested, Verdict

# A virtual machine that is set to nest where the host cannot give that fails when it is started, not before.
if ($ComputerName) {
    Get-VmNestedCpu -ComputerName $ComputerName @login -ErrorAction Continue |
        Where-Object Nesting -EQ WillNotStart |
        Format-Table -Property HostName, VmName, Why -Wrap
}
