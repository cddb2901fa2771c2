# The same targets as build.sh, for PowerShell: build, test, format, api, bench, fuzz, lab, stage, pack, clean.
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ValidateSet('build', 'test', 'format', 'api', 'bench', 'fuzz', 'lab', 'stage', 'pack', 'clean', 'help')]
    [string] $Target = 'build',

    [Parameter(Position = 1, ValueFromRemainingArguments)]
    [string[]] $Rest = @()
)

$ErrorActionPreference = 'Stop'

if (-not $IsWindows) {
    & "$PSScriptRoot/build.sh" $Target @Rest
    exit $LASTEXITCODE
}

# Windows has no sh: build and the metadata tests run here, the tests of Linux hosts do not.
Push-Location $PSScriptRoot
try {
    switch ($Target) {
        'test' {
            dotnet test NestVirt.PowerShell.sln -c Release --filter 'Category!=Lab'
        }
        'format' {
            dotnet tool restore
            dotnet csharpier format .
        }
        'clean' {
            Remove-Item -Recurse -Force artifacts -ErrorAction Ignore
        }
        'build' {
            dotnet build NestVirt.PowerShell.sln -c Release
        }
        default {
            Write-Error "The target '$Target' needs a POSIX shell: use build.sh on Linux."
        }
    }

    exit $LASTEXITCODE
}
finally {
    Pop-Location
}
