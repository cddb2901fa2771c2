BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $support = Get-NestedSupport -SnapshotPath (Get-Recording amd-host)
}

Describe 'Get-NestedSupport' {
    It 'writes one object a host' {
        $support | Should -HaveCount 1
        $support | Should -BeOfType NestVirt.Model.NestedSupport
        $support.HostName | Should -Be amd-host
    }

    It 'says that the recorded host can nest, and by what' {
        $support.Verdict | Should -Be Ready
        $support.Platform | Should -Be Kvm
        $support.Architecture | Should -Be x86_64
        $support.Virtualization.Extension | Should -Be AMD-V
        $support.Virtualization.State | Should -Be Available
        $support.Virtualization.Features | Should -Contain npt
        $support.Nested.Module | Should -Be kvm_amd
        $support.Nested.Effective | Should -Be On
        $support.Iommu.State | Should -Be On
        $support.Iommu.GroupCount | Should -BeGreaterThan 5
    }

    It 'lets a script compare the verdict with a word' {
        $support | Where-Object Verdict -NE Ready | Should -BeNullOrEmpty
    }

    It 'fits a table of 80 columns, host first and verdict second' {
        $lines = ($support | Show) -split '\r?\n'

        $lines | ForEach-Object { $_.Length } | Sort-Object | Select-Object -Last 1 | Should -BeLessOrEqual 80
        ($lines -match '\S')[0] | Should -Match '^HostName +Verdict +Nested +IOMMU +Why$'
        ($lines -match '\S')[2] | Should -Match '^amd-host +Ready +On +On '
    }

    It 'says the verdict in words in its list, and each reason with its remedy' {
        $text = $support | Format-List | Out-String -Width 200

        $text | Should -Match 'Verdict +: Ready: guests of this host can run hypervisors now\.'
        foreach ($reason in $support.Reasons) {
            $text | Should -Match ([regex]::Escape("$($reason.Severity) $($reason.Code): "))
        }
    }

    It 'uses colour through the format system only' {
        $support.Verdict.ToString() | Should -Not -Match '\e'
        $rendering = $PSStyle.OutputRendering
        try {
            $PSStyle.OutputRendering = 'Ansi'
            $support | Out-String | Should -Match '\e\[32mReady\e\[0m'
            $PSStyle.OutputRendering = 'PlainText'
            $support | Out-String | Should -Not -Match '\e'
        }
        finally {
            $PSStyle.OutputRendering = $rendering
        }
    }

    It 'completes -HostName from the ssh configuration and the known hosts' -Skip:$IsWindows {
        $folder = (New-Item -ItemType Directory -Path TestDrive:/home/.ssh).FullName
        Set-Content -Path "$folder/config" -Value 'Host kvm-one kvm-two *.example.org'
        Set-Content -Path "$folder/known_hosts" -Value @(
            '[kvm-three]:2222 ssh-ed25519 AAAA'
            '|1|c2FsdA==|aGFzaA== ssh-ed25519 AAAA'
        )
        $env:HOME, $homeBefore = (Split-Path $folder), $env:HOME
        try {
            Complete 'Get-NestedSupport -HostName ' | Should -Be kvm-one, kvm-three:2222, kvm-two
            Complete 'Get-NestedSupport -HostName kvm-t' | Should -Be kvm-three:2222, kvm-two
            Complete 'Get-NestedSupport root@kvm-o' | Should -Be "'root@kvm-one'"
        }
        finally {
            $env:HOME = $homeBefore
        }
    }
}
