BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $source = Get-Recording amd-host
    $folder = (Get-Item -Path TestDrive:/).FullName
    $class = 'NestVirt.PowerShell.Commands.ExportNestSnapshotCommand'
}

Describe 'Export-NestSnapshot' {
    It 'records this machine in a file that every cmdlet reads back' -Skip:$IsWindows {
        Export-NestSnapshot -Path "$folder/this.json" | Should -BeNullOrEmpty

        $addresses = Get-NestPciDevice | ForEach-Object Address
        Get-NestPciDevice -SnapshotPath "$folder/this.json" | ForEach-Object Address | Should -Be $addresses
        (Get-NestedSupport -SnapshotPath "$folder/this.json").Verdict | Should -Be (Get-NestedSupport).Verdict
    }

    It 'writes a file for its owner alone' -Skip:$IsWindows {
        Export-NestSnapshot -SnapshotPath $source -Path "$folder/mine.json"

        (Get-Item -Path "$folder/mine.json").UnixMode | Should -Be '-rw-------'
    }

    It 'writes the file to the pipeline with -PassThru, and the file can be read from there' {
        $file = Export-NestSnapshot -SnapshotPath $source -Path "$folder/passed.json" -PassThru

        $file | Should -BeOfType System.IO.FileInfo
        $file.FullName | Should -Be ([System.IO.Path]::Join($folder, 'passed.json'))
        ($file | Get-NestedSupport).HostName | Should -Be passed
    }

    It 'gives each host a file of its own in a directory, which it makes' {
        $null = New-Item -ItemType Directory -Path "$folder/in"
        Copy-Item -Path $source -Destination "$folder/in/kvm1.json"
        Copy-Item -Path $source -Destination "$folder/in/kvm2.json"
        Export-NestSnapshot -SnapshotPath "$folder/in" -Path "$folder/out/"

        (Get-ChildItem -Path "$folder/out").Name | Should -Be kvm1.json, kvm2.json
    }

    It 'writes an error for each host of an inventory that fails' {
        Set-Content -Path "$folder/hosts.psd1" -Value @'
@{ port = 1; sshOptions = @{ HostName = '127.0.0.1' }; hosts = 'kvm1', 'kvm2' }
'@
        Export-NestSnapshot -InventoryPath "$folder/hosts.psd1" -HostName 'kvm*' -Path "$folder/listed/" @Quiet

        $failure.TargetObject.Name | Sort-Object | Should -Be kvm1, kvm2
        "$folder/listed" | Should -Not -Exist
    }

    It 'does not put two hosts into one file' {
        Export-NestSnapshot -SnapshotPath "$folder/in" -Path "$folder/one.json" @Quiet

        $failure | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Be "PathNotDirectory,$class"
        $failure[0].ErrorDetails.RecommendedAction | Should -Match directory
    }

    It 'leaves a file alone with -NoClobber, and replaces it without' {
        Set-Content -Path "$folder/old.json" -Value old
        Export-NestSnapshot -SnapshotPath $source -Path "$folder/old.json" -NoClobber @Quiet

        $failure[0].FullyQualifiedErrorId | Should -Be "FileExists,$class"
        $failure[0].CategoryInfo.Category | Should -Be ResourceExists
        Get-Content -Path "$folder/old.json" | Should -Be old

        Export-NestSnapshot -SnapshotPath $source -Path "$folder/old.json"
        Get-Content -Raw -Path "$folder/old.json" | Should -Match '"schema"'
    }

    It 'replaces a read-only file with -Force only' {
        Set-Content -Path "$folder/locked.json" -Value old
        Set-ItemProperty -Path "$folder/locked.json" -Name IsReadOnly -Value $true
        Export-NestSnapshot -SnapshotPath $source -Path "$folder/locked.json" @Quiet
        $failure[0].FullyQualifiedErrorId | Should -Be "FileExists,$class"

        Export-NestSnapshot -SnapshotPath $source -Path "$folder/locked.json" -Force
        Get-Content -Raw -Path "$folder/locked.json" | Should -Match '"schema"'
    }

    It 'writes nothing with -WhatIf' {
        $file = "$folder/unwritten.json"
        Export-NestSnapshot -SnapshotPath $source -Path $file -PassThru -WhatIf | Should -BeNullOrEmpty

        $file | Should -Not -Exist
    }

    It 'takes no character of a path for a wildcard' {
        Export-NestSnapshot -SnapshotPath $source -LiteralPath "$folder/[a]*.json"

        Test-Path -LiteralPath "$folder/[a]*.json" | Should -BeTrue
    }

    It 'leaves no half-written file where it cannot write' {
        Export-NestSnapshot -SnapshotPath $source -Path "$source/below.json" @Quiet

        $failure[0].FullyQualifiedErrorId | Should -Be "SnapshotNotWritten,$class"
        $failure[0].CategoryInfo.Category | Should -Be WriteError
        Get-ChildItem -Path $folder -Recurse -Force -Filter *.partial | Should -BeNullOrEmpty
    }

    It 'writes an error for a host that fails, and the files of the others' {
        Export-NestSnapshot -SnapshotPath "$folder/none.json", $source -Path "$folder/some/" @Quiet

        $failure[0].FullyQualifiedErrorId | Should -Be "SourceNotFound,$class"
        (Get-ChildItem -Path "$folder/some").Name | Should -Be amd-host.json
    }

    It 'tells no name of a host with -Redact' {
        $file = Export-NestSnapshot -SnapshotPath $source -Path "$folder/given/" -Redact -PassThru
        $file.Name | Should -Be host.json

        Get-Content -Raw -Path "$folder/given/host.json" | Should -Not -Match amd-host
    }
}
