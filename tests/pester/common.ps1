# Dot-sourced by every test file: the staged module, recorded hosts, and a real sshd on the loopback address.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# What keeps errors off the screen, for a test to look at.
$Quiet = @{ ErrorAction = 'SilentlyContinue'; ErrorVariable = 'failure' }

$RepositoryRoot = Split-Path (Split-Path $PSScriptRoot)

# The processes of stand-ins for Hyper-V hosts.
$script:StandIns = @()

function Import-StagedModule {
    # The artefact that ships is what is tested, never the build output.
    $manifest = Get-ChildItem -Path "$RepositoryRoot/artifacts/module/NestVirt/*/NestVirt.psd1"
    if (@($manifest).Count -ne 1) {
        throw 'There is no staged module: run tools/stage-module.sh first.'
    }

    if (-not (Get-Module -Name NestVirt)) {
        Import-Module -Name $manifest.FullName -Scope Global
    }
}

function Get-Recording {
    [OutputType([string])]
    param(
        [Parameter(Mandatory)]
        [string] $Name
    )

    Join-Path $RepositoryRoot "tests/recordings/$Name.json"
}

# Starts a real sshd, and returns the parameters that reach it.
function Start-TestHost {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)]
        [string] $Folder,

        # Lines of sshd_config.
        [string[]] $Directive = @()
    )

    $said = & sh "$RepositoryRoot/tests/fakes/sshd.sh" start $Folder @Directive
    if ($LASTEXITCODE -ne 0 -or "$said" -notmatch 'port=(?<port>\d+) user=(?<user>\S+)') {
        throw "sshd did not start: $said"
    }

    @{
        HostName    = "$($Matches.user)@127.0.0.1:$($Matches.port)"
        KeyFilePath = Join-Path $Folder 'key'
        Options     = @{
            UserKnownHostsFile   = Join-Path $Folder 'known_hosts'
            GlobalKnownHostsFile = 'none'
            IdentitiesOnly       = $true
            IdentityAgent        = 'none'
        }
    }
}

# Starts a stand-in for a Hyper-V host, and returns the parameters that reach it. It ends with its process.
function Start-StandIn {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSAvoidUsingConvertToSecureStringWithPlainText', '')]
    [OutputType([hashtable])]
    param(
        # Words of its command line, as its own help says.
        [string[]] $Argument = @(),

        # HTTPS with Basic in the place of HTTP with NTLM.
        [switch] $Https
    )

    $start = [System.Diagnostics.ProcessStartInfo]::new('dotnet')
    $start.RedirectStandardOutput = $true
    $way = $Https ? '--basic' : '--ntlm'
    @("$RepositoryRoot/artifacts/bin/NestVirt.StandIn/release/NestVirt.StandIn.dll", $way, 'administrator:pass word') +
        $Argument | ForEach-Object { $start.ArgumentList.Add($_) }
    $process = [System.Diagnostics.Process]::Start($start)
    $address = [uri] $process.StandardOutput.ReadLine()
    $thumbprint = $Https ? $process.StandardOutput.ReadLine() : $null

    $script:StandIns = @($script:StandIns) + $process
    $reach = @{
        ComputerName = "127.0.0.1:$($address.Port)"
        Credential   = [pscredential]::new('administrator', (ConvertTo-SecureString 'pass word' -AsPlainText -Force))
    }
    if ($Https) {
        $reach += @{ UseSSL = $true; Authentication = 'Basic'; CertificateThumbprint = $thumbprint }
    }

    $reach
}

# Ends every stand-in.
function Stop-StandIn {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param()

    $script:StandIns | ForEach-Object { $_.Kill(); $_.WaitForExit(); $_.Dispose() }
    $script:StandIns = @()
}

function Stop-TestHost {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory)]
        [string] $Folder
    )

    & sh "$RepositoryRoot/tests/fakes/sshd.sh" stop $Folder
}

# A directory tree that looks like a KVM host whose module takes nesting without being loaded again.
function New-HostTree {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    param(
        [Parameter(Mandatory)]
        [string] $Folder
    )

    if (-not ('NestVirt.Testing.TreeText' -as [type])) {
        Add-Type -Path "$RepositoryRoot/tests/shared/TreeText.cs"
    }

    [NestVirt.Testing.TreeText]::WriteFile($Folder, "$RepositoryRoot/tests/trees/intel-loaded.tree")
}

# A real sshd whose host is a tree: what probes read and what a change writes is in it.
function Start-TreeHost {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [OutputType([hashtable])]
    param(
        # The new folder of the server.
        [Parameter(Mandatory)]
        [string] $Folder,

        [Parameter(Mandatory)]
        [string] $Tree
    )

    New-HostTree $Tree
    Start-TestHost $Folder "ForceCommand NESTVIRT_ROOT=$Tree exec /bin/sh"
}

# A PowerShell of its own. This one is a program, or, as a .NET tool, dotnet with a dll.
function Get-PwshCommand {
    [OutputType([string])]
    param()

    $program = [Environment]::ProcessPath
    $program
    if ((Split-Path -LeafBase $program) -eq 'dotnet') {
        Join-Path $PSHOME pwsh.dll
    }
}

# Runs it, with what is piped in on its standard input.
function Invoke-Pwsh {
    $program, [string[]] $arguments = Get-PwshCommand
    $input | & $program @arguments -NoProfile @args
}

# A script for a PowerShell of its own: the statement, in which $kvm are the parameters that reach the host.
function New-ClientScript {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '')]
    [OutputType([string])]
    param(
        [Parameter(Mandatory)]
        [hashtable] $TestHost,

        [Parameter(Mandatory)]
        [string] $Statement
    )

    $path = "$((Get-Item -Path TestDrive:/).FullName)/$(New-Guid).ps1"
    Set-Content -Path $path -Value @(
        "Import-Module -Name '$((Get-Module -Name NestVirt).Path)'"
        "`$kvm = ConvertFrom-Json -AsHashtable -InputObject '$($TestHost | ConvertTo-Json -Compress)'"
        $Statement
    )
    $path
}

# Every file of a tree with its mode and its bytes; what NestVirt keeps for itself is left out on request.
function Get-TreeState {
    [OutputType([string])]
    param(
        [Parameter(Mandatory)]
        [string] $Folder,

        [switch] $WithoutJournal
    )

    Get-ChildItem -Path $Folder -Recurse -Force | Sort-Object FullName |
        Where-Object { -not $WithoutJournal -or $_.FullName -notmatch '/(run|var/lib)/nestvirt(/|$)' } |
        ForEach-Object {
            $hash = if ($_.PSIsContainer) { '' } else { (Get-FileHash -LiteralPath $_.FullName).Hash }
            "$($_.FullName) $($_.UnixMode) $hash"
        }
}

# The ssh clients that talk to a test host.
function Get-SshClient {
    [OutputType([System.Diagnostics.Process])]
    param(
        [Parameter(Mandatory)]
        [hashtable] $TestHost
    )

    $port = ($TestHost.HostName -split ':')[-1]
    Get-Process -Name ssh -ErrorAction Ignore | Where-Object CommandLine -Match " -p $port "
}

# Waits for a condition that comes true by itself soon, and says whether it did.
function Test-Eventually {
    [OutputType([bool])]
    param(
        [Parameter(Mandatory)]
        [scriptblock] $Condition,

        [int] $Seconds = 10
    )

    $end = [datetime]::UtcNow.AddSeconds($Seconds)
    while ([datetime]::UtcNow -lt $end) {
        if (& $Condition) {
            return $true
        }

        Start-Sleep -Milliseconds 50
    }

    $false
}

# What Tab offers at the end of a line.
function Complete {
    [OutputType([string])]
    param(
        [Parameter(Mandatory)]
        [string] $Line
    )

    [System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null).CompletionMatches |
        ForEach-Object CompletionText
}

# What a person sees in a window of 80 columns, without colour.
function Show {
    [OutputType([string])]
    param(
        [Parameter(Mandatory, ValueFromPipeline)]
        [object] $InputObject
    )

    end {
        ($input | Out-String -Width 80).TrimEnd()
    }
}

Import-StagedModule
