BeforeAll {
    . "$PSScriptRoot/common.ps1"
}

Describe 'Remove-NestSession' -Skip:$IsWindows {
    It 'ends the sessions of <_>' -ForEach pipeline, parameter, name, number {
        $session = New-NestSession -Name gone

        switch ($_) {
            pipeline { $session | Remove-NestSession }
            parameter { Remove-NestSession $session }
            name { Remove-NestSession -Name 'go*' }
            number { Remove-NestSession -Id $session.Id }
        }

        $session.State | Should -Be Closed
        Get-NestSession | Should -BeNullOrEmpty
        $session | Get-NestedSupport @Quiet | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'SessionClosed,*'
        $failure.ErrorDetails.Message | Should -Be "localhost: Session $($session.Id) is closed. It was removed."
    }

    It 'ends nothing with -WhatIf' {
        $session = New-NestSession
        $session | Remove-NestSession -WhatIf

        $session.State | Should -Be Opened
        $session | Remove-NestSession
    }

    It 'has an error for a name and a number that no session has' {
        Remove-NestSession -Name third @Quiet
        $failure.FullyQualifiedErrorId | Should -BeLike 'SessionNotFound,*'
        Remove-NestSession -Id 4711 @Quiet
        $failure.FullyQualifiedErrorId | Should -BeLike 'SessionNotFound,*'
    }
}
