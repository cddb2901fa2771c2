# Hyper-V hosts, over WS-Management against a stand-in for one: log-in, reading, recording, and errors that help.

BeforeDiscovery {
    $noSsh = $IsWindows -or -not ((Get-Command -Name sshd -ErrorAction Ignore) -or (Test-Path -Path /usr/sbin/sshd))
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    Import-StagedModule
    $standIn = Start-StandIn -Argument '--vms', '4'
    $old = Start-StandIn -Argument '--vendor', 'AuthenticAMD', '--build', '17763'
    $https = Start-StandIn -Https
}

AfterAll {
    Stop-StandIn
}

Describe 'Get-NestedSupport -ComputerName' {
    It 'tells of a host over <_>' -ForEach 'HTTP', 'HTTPS' {
        $reach = $_ -eq 'HTTP' ? $standIn : $https

        $answer = Get-NestedSupport @reach

        $answer.Platform | Should -Be HyperV
        $answer.Verdict | Should -Be Ready
        $answer.Nested.Module | Should -BeNullOrEmpty
        $answer.Nested | Should -Be On
        $answer.Cpu.Vendor | Should -Be GenuineIntel
        $answer.Layer | Should -Be L0
    }

    It 'says which client speaks CIM, and why' {
        $said = Get-NestedSupport @standIn -CimClient WsMan -Verbose 4>&1 |
            Where-Object { $_ -is [System.Management.Automation.VerboseRecord] }

        "$said" | Should -Match 'through the built-in client \(WsMan\), as asked for'
    }

    It 'says that AMD takes a newer Windows' {
        $answer = Get-NestedSupport @old

        $answer.Verdict | Should -Be Blocked
        $answer.Reasons.Message | Should -Match '2022'
    }

    It 'makes one table of KVM and Hyper-V hosts' -Skip:$noSsh {
        $folder = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
        $sshd = Start-TestHost -Folder $folder
        try {
            $both = Get-NestedSupport @sshd @standIn
        }
        finally {
            Stop-TestHost -Folder $folder
            Remove-Item -Path $folder -Recurse -Force
        }

        # -Credential is that of the Hyper-V hosts: the other one has its key.
        $both | Sort-Object -Property Platform | ForEach-Object Platform | Should -Be Kvm, HyperV
        $both[0].PSObject.Properties.Name | Should -Be $both[1].PSObject.Properties.Name
        $both | ForEach-Object { $_.Verdict | Should -Not -BeNullOrEmpty }
    }

    It 'goes back to the host of an object <Name>' -ForEach @(
        @{ Name = 'of the pipeline'; Way = { $input } }
        @{ Name = 'from Clixml'; Way = { $input | Export-Clixml TestDrive:/x.xml; Import-Clixml TestDrive:/x.xml } }
        @{ Name = 'from CSV'; Way = { $input | ConvertTo-Csv | ConvertFrom-Csv } }
        @{ Name = 'from JSON'; Way = { $input | ConvertTo-Json -Depth 4 | ConvertFrom-Json } }
    ) {
        $secret = @{ Credential = $https.Credential; Authentication = 'Basic'; CertificateThumbprint = $https.CertificateThumbprint }
        $first = Get-NestedSupport @https

        $again = $first | & $Way | Get-NestedSupport @secret

        $again.Verdict | Should -Be Ready
        "$($again.Target)" | Should -Be "$($first.Target)"
    }
}

Describe 'A Hyper-V host of an inventory' {
    BeforeAll {
        Set-Content -Path TestDrive:/hosts.json -Value (@{
                hosts = @{ 'wsman:hv1' = @{ address = $standIn.ComputerName } }
            } | ConvertTo-Json -Depth 4)
        $from = @{ InventoryPath = "$((Get-Item -Path TestDrive:/).FullName)/hosts.json"; Credential = $standIn.Credential }
    }

    It 'is found by -ComputerName and by -HostName' {
        (Get-NestedSupport @from -ComputerName hv1).Platform | Should -Be HyperV
        (Get-NestedSupport @from -HostName hv1).HostName | Should -Be hv1
        (Get-NestedSupport @from -ComputerName 'hv*').HostName | Should -Be hv1
    }

    It 'keeps its address in a file' {
        Get-NestedSupport @from | Export-Clixml -Path TestDrive:/hv1.xml

        $again = Import-Clixml -Path TestDrive:/hv1.xml | Get-NestedSupport -Credential $standIn.Credential

        $again.HostName | Should -Be hv1
        $again.Verdict | Should -Be Ready
    }
}

Describe 'A snapshot of a Hyper-V host' {
    It 'answers as the host did' {
        Export-NestSnapshot @standIn -Path TestDrive:/hv1.json

        $live = Get-NestedSupport @standIn
        $recorded = Get-NestedSupport -SnapshotPath TestDrive:/hv1.json
        $recorded.Platform | Should -Be HyperV
        ($recorded.Reasons | Out-String) | Should -Be ($live.Reasons | Out-String)
        (Get-VmNestedCpu -SnapshotPath TestDrive:/hv1.json).VmName | Should -Be (Get-VmNestedCpu @standIn).VmName
        $recorded.HostName | Should -Be hv1
    }

    It 'holds no names of virtual machines when it is redacted' {
        Export-NestSnapshot @standIn -Path TestDrive:/hidden.json -Redact

        $text = Get-Content -Raw -Path TestDrive:/hidden.json
        $text | Should -Not -Match 'vm-000'
        foreach ($guest in Get-VmNestedCpu @standIn) {
            $text | Should -Not -Match $guest.Id
        }
        @(Get-VmNestedCpu -SnapshotPath TestDrive:/hidden.json).Nesting | Should -Be Off, NextStart, Off, NextStart
    }
}

Describe 'Test-NestConnection -ComputerName' {
    It 'stands over HTTP, and has no certificate to know' {
        $check = Test-NestConnection @standIn

        $check.Stands | Should -BeTrue
        ($check.Steps | Where-Object Name -EQ HostKey).State | Should -Be NotApplicable
        ($check.Steps | Where-Object Name -EQ Tools).State | Should -Be Passed
    }

    It 'says that the certificate is not trusted, and how to pin it' {
        $check = Test-NestConnection -ComputerName $https.ComputerName -UseSSL -Authentication Basic -Credential $https.Credential

        $check.FirstFault | Should -Be HostKey
        $check.Message | Should -Match $https.CertificateThumbprint
        $check.Remedy | Should -Match '-CertificateThumbprint'
    }
}

Describe 'What a Hyper-V host refuses or would give away' {
    It 'is told: <Name>' -ForEach @(
        @{ Name = 'Kerberos over HTTP'; With = @{}; Error = 'HostAuthenticationFailed'; Advice = '-UseSSL' }
        @{ Name = 'Basic over HTTP'; With = @{ Authentication = 'Basic' }; Error = 'HostAuthenticationFailed'; Advice = '-UseSSL' }
        @{ Name = 'no listener'; With = @{ UseSSL = $true }; Error = 'HostUnreachable'; Advice = 'Enable-PSRemoting|HTTPS listener' }
    ) {
        $null = Get-NestedSupport -ComputerName 127.0.0.1:1 @With @Quiet

        $failure.FullyQualifiedErrorId | Should -BeLike "$Error,*"
        $failure[0].ErrorDetails.RecommendedAction | Should -Match $Advice
    }

    It 'is told: a wrong password' {
        $wrong = [pscredential]::new('administrator', [securestring]::new())
        $null = Get-NestedSupport -ComputerName $standIn.ComputerName -Credential $wrong @Quiet

        $failure.FullyQualifiedErrorId | Should -BeLike 'HostAuthenticationFailed,*'
    }

    It 'is told: one port for both kinds of host' {
        $null = Get-NestedSupport -HostName 127.0.0.1 -ComputerName hv1 -Port 1 @Quiet

        $failure.FullyQualifiedErrorId | Should -Contain 'HostNameInvalid,NestVirt.PowerShell.Commands.GetNestedSupportCommand'
    }

    It 'is told: a session' {
        $null = New-NestSession -ComputerName hv1 @Quiet

        $failure[0].ErrorDetails.Message | Should -Match 'each command logs in'
    }

    It 'is told: Windows'' own client where no Windows is: <Name>' -Skip:$IsWindows -ForEach @(
        @{ Name = 'asked for'; With = @{ ComputerName = 'hv1'; CimClient = 'Mi' }; Other = 'WsMan' }
        @{ Name = 'a session of it'; With = @{ CimSession = 'hv1' }; Other = '-ComputerName' }
    ) {
        { Get-NestedSupport @With } | Should -Throw "*MMI*Windows alone*$Other*"
    }

    It 'is told: a thumbprint that is none' {
        { Get-NestedSupport -ComputerName hv1 -UseSSL -CertificateThumbprint 12 } | Should -Throw '*40 digits*'
    }
}
