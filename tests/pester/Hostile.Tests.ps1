# An estate of which some hosts were taken over.

BeforeDiscovery {
    . "$PSScriptRoot/common.ps1"
    $noSsh = $IsWindows -or -not ((Get-Command -Name sshd -ErrorAction Ignore) -or (Test-Path -Path /usr/sbin/sshd))
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
}

Describe 'Twenty hosts, of which four lie, flood, stall or hang' -Skip:$noSsh {
    BeforeAll {
        $folder = Join-Path (Get-Item -Path TestDrive:/).FullName sshd
        $tree = Join-Path (Get-Item -Path TestDrive:/).FullName tree
        New-HostTree $tree
        $server = Start-TestHost $folder 'MaxStartups 200'
        $user, $place = $server.HostName -split '@'
        $fakes = "$RepositoryRoot/tests/fakes"
        $commands = @{ good = "NESTVIRT_ROOT=$tree exec /bin/sh" }
        foreach ($attack in 'lie', 'flood', 'stall', 'hang') {
            $commands[$attack] = "exec sh $fakes/hostile.sh $attack"
        }

        foreach ($name in $commands.Keys) {
            & sh "$fakes/sshd.sh" key $folder $name "command=`"$($commands[$name])`""
        }

        $hosts = foreach ($name in @(10..25 | ForEach-Object { "good-$_" }) + 'lie', 'flood', 'stall', 'hang') {
            @{
                name     = $name
                address  = '127.0.0.1'
                user     = $user
                port     = [int] ($place -split ':')[1]
                identity = Join-Path $folder ($name -replace '-\d+')
            }
        }
        $inventory = 'TestDrive:/hosts.json'
        @{ hosts = $hosts } | ConvertTo-Json -Depth 5 | Set-Content -Path $inventory
    }

    AfterAll {
        Stop-TestHost $folder
    }

    It 'gives sixteen results and four errors, and costs little memory' -Tag Security {
        # A process of its own: in the peak of this one is what other tests took.
        Set-Content -Path TestDrive:/ask.ps1 -Value {
            param($Module, $Inventory, $Folder)
            function Get-Peak {
                $line = Get-Content -Path "/proc/$PID/status" | Where-Object { $_ -like 'VmHWM:*' }
                [int] ($line -replace '\D') / 1KB
            }
            Import-Module -Name $Module
            $ask = @{
                InventoryPath  = $Inventory
                Options        = @{ UserKnownHostsFile = "$Folder/known_hosts"; GlobalKnownHostsFile = 'none' }
                CommandTimeout = 10000
                ErrorAction    = 'SilentlyContinue'
                ErrorVariable  = 'failure'
            }
            # What sixteen honest hosts take is the shell's and the module's.
            $null = Get-NestedSupport @ask -HostName (10..25 | ForEach-Object { "good-$_" })
            $before = Get-Peak
            $results = Get-NestedSupport @ask
            [ordered]@{
                Results = @($results | Sort-Object -Property HostName | ForEach-Object HostName)
                Errors  = @($failure | ForEach-Object { "$($_.FullyQualifiedErrorId) $($_.ErrorDetails.Message)" })
                Before  = $before
                Growth  = (Get-Peak) - $before
            } | ConvertTo-Json
        }
        $module = (Get-Module -Name NestVirt).Path
        $said = Invoke-Pwsh -NonInteractive -File (Get-Item -Path TestDrive:/ask.ps1).FullName $module `
            (Get-Item -Path $inventory).FullName $folder | ConvertFrom-Json

        $said.Results | Should -Be (10..25 | ForEach-Object { "good-$_" })
        $said.Errors | Should -HaveCount 4
        $said.Errors -like 'ProbeOutputInvalid,*flood: *more than 12 MiB*' | Should -HaveCount 1
        $said.Errors -like 'ProbeOutputInvalid,*lie: *ends before the probe script does*' | Should -HaveCount 1
        $said.Errors -like 'HostTimeout,*hang: *did not answer within 10 s*' | Should -HaveCount 1
        $said.Errors -like 'HostTimeout,*stall: *did not finish its answer within 10 s*' | Should -HaveCount 1
        $said.Before | Should -BeGreaterThan 20
        $said.Growth | Should -BeLessThan 100
    }
}
