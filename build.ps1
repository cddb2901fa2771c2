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

# Windows PowerShell 5.1 has no such variable, and runs nowhere else.
if ($PSVersionTable.PSEdition -eq 'Core' -and -not $IsWindows) {
    & "$PSScriptRoot/build.sh" $Target @Rest
    exit $LASTEXITCODE
}

. "$PSScriptRoot/tools/build-steps.ps1"
Push-Location -LiteralPath $PSScriptRoot
try {
    switch ($Target) {
        'build' { Build-All }
        'stage' { Build-Module }
        'test' { exit (Invoke-AllTest) }
        'format' { Format-All }
        'clean' { Remove-Item -Recurse -Force -LiteralPath artifacts -ErrorAction Ignore }
        'help' {
            'usage: ./build.ps1 [TARGET]'
            '  build   compile everything, stage the module and the command-line program (the default)'
            '  test    run every test that Windows can run, print one line of totals'
            '  format  format the code as the tests want it'
            '  stage   put the module at artifacts/module/NestVirt/<version>'
            '  clean   remove everything that was built'
            'The other targets need Linux: ./build.sh help lists them.'
        }
        default {
            [Console]::Error.WriteLine("build.ps1: '$Target' needs Linux: run ./build.sh $Target there, or in WSL.")
            exit 2
        }
    }
}
finally {
    Pop-Location
}
