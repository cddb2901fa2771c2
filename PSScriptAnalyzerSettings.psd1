@{
    Severity     = @('Error', 'Warning')
    IncludeRules = @(
        'PSAvoidAssignmentToAutomaticVariable'
        'PSAvoidDefaultValueForMandatoryParameter'
        'PSAvoidGlobalVars'
        'PSAvoidLongLines'
        'PSAvoidUsingCmdletAliases'
        'PSAvoidUsingComputerNameHardcoded'
        'PSAvoidUsingEmptyCatchBlock'
        'PSAvoidUsingInvokeExpression'
        'PSAvoidUsingPlainTextForPassword'
        'PSAvoidUsingPositionalParameters'
        'PSAvoidUsingWriteHost'
        'PSMissingModuleManifestField'
        'PSPlaceCloseBrace'
        'PSPlaceOpenBrace'
        'PSPossibleIncorrectComparisonWithNull'
        'PSUseApprovedVerbs'
        'PSUseCompatibleSyntax'
        'PSUseConsistentIndentation'
        'PSUseConsistentWhitespace'
        'PSUseOutputTypeCorrectly'
        'PSUseShouldProcessForStateChangingFunctions'
        'PSUseSingularNouns'
        'PSUseToExportFieldsInManifest'
    )
    Rules        = @{
        PSAvoidLongLines                 = @{
            Enable            = $true
            MaximumLineLength = 120
        }
        PSAvoidUsingPositionalParameters = @{
            Enable           = $true
            # The words of Pester and of everyday pipelines are known by their place, and so are our own test functions.
            CommandAllowList = @(
                'Describe', 'Context', 'It', 'Should', 'ForEach-Object', 'Where-Object', 'Sort-Object', 'Select-Object'
                'Complete', 'Get-Recording', 'Get-PageSection', 'Get-SshClient', 'Test-Eventually'
                'Join-Path', 'Split-Path', 'ConvertTo-Json'
                'Get-Command', 'Get-Module', 'Import-Module', 'Format-List', 'sh', 'ssh-keygen'
            )
        }
        PSPlaceCloseBrace                = @{
            Enable             = $true
            NoEmptyLineBefore  = $true
            NewLineAfter       = $true
            IgnoreOneLineBlock = $true
        }
        PSPlaceOpenBrace                 = @{
            Enable             = $true
            OnSameLine         = $true
            NewLineAfter       = $true
            IgnoreOneLineBlock = $true
        }
        PSUseCompatibleSyntax            = @{
            Enable         = $true
            TargetVersions = @('7.0')
        }
        PSUseConsistentIndentation       = @{
            Enable              = $true
            IndentationSize     = 4
            PipelineIndentation = 'IncreaseIndentationForFirstPipeline'
            Kind                = 'space'
        }
        PSUseConsistentWhitespace        = @{
            Enable                                  = $true
            CheckInnerBrace                         = $true
            CheckOpenBrace                          = $true
            CheckOpenParen                          = $true
            CheckOperator                           = $true
            CheckPipe                               = $true
            CheckSeparator                          = $true
            CheckParameter                          = $false
            IgnoreAssignmentOperatorInsideHashTable = $true
        }
    }
}
