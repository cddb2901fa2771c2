<#
.SYNOPSIS
    Turns nesting on where it can be, on KVM and Hyper-V hosts: by plans that are looked at first.
.DESCRIPTION
    Runs as it stands over the recorded hosts beside it, and then names those that it would be turned on for.
    "./nestvirt lab hyperv" starts a stand-in for a Hyper-V host, and says how it is reached.
.EXAMPLE
    ./06-nesting-on-both-kinds.ps1
.EXAMPLE
    ./06-nesting-on-both-kinds.ps1 -HostName kvm1 -ComputerName hv1 -Credential (Get-Credential) -VMName 'lab*' -Apply
#>
[CmdletBinding()]
param(
    [string[]] $HostName,

    [string[]] $ComputerName,

    # Of the Hyper-V hosts; without it your Kerberos ticket is used, over HTTPS.
    [pscredential] $Credential,

    # The virtual machines of the Hyper-V hosts; without it all that can have it.
    [string[]] $VMName = '*',

    # Makes the changes when the plans were shown.
    [switch] $Apply
)

$ErrorActionPreference = 'Stop'
Import-Module -Name "$PSScriptRoot/../artifacts/module/NestVirt"

if (-not $HostName -and -not $ComputerName) {
    Get-NestedSupport -SnapshotPath "$PSScriptRoot/hosts" |
        Where-Object Verdict -EQ Configurable |
        Format-Table -Property HostName, Platform, Nested, Verdict
    return
}

$login = if ($Credential) { @{ Credential = $Credential } } else { @{ UseSSL = $true } }
$plans = @(
    if ($HostName) { Enable-NestedVirtualization -HostName $HostName -AsPlan -ErrorAction Continue }
    if ($ComputerName) {
        # Each of the virtual machines that come down the pipeline is planned for, by its id; no other one is.
        Get-VmNestedCpu -ComputerName $ComputerName @login -VMName $VMName -ErrorAction Continue |
            Where-Object Verdict -EQ Configurable |
            Enable-NestedVirtualization -AsPlan -ErrorAction Continue
    }
)

# The host, the setting, from what, and to what; for a file to review there is Export-NestPlan.
$plans | Format-List

# A plan goes to its own host, by whichever way that is reached, and only when it is as it was planned for.
if ($Apply) {
    $plans | Where-Object { $_.Target.Transport -NE 'WsMan' } | Invoke-NestPlan -PassThru
    $plans | Where-Object { $_.Target.Transport -EQ 'WsMan' } | Invoke-NestPlan @login -PassThru
}
