BeforeAll {
    . "$PSScriptRoot/common.ps1"
}

Describe 'Get-NestSession' -Skip:$IsWindows {
    BeforeAll {
        $first = New-NestSession -Name first
        $second = New-NestSession -Name second
    }

    AfterAll {
        $first, $second | Remove-NestSession
    }

    It 'lists sessions by number, name and host' {
        (Get-NestSession).Id | Should -Be $first.Id, $second.Id
        (Get-NestSession -Name 'sec*').Id | Should -Be $second.Id
        (Get-NestSession first).Id | Should -Be $first.Id
        (Get-NestSession -Id $second.Id).Name | Should -Be second
        Get-NestSession -HostName localhost | Should -HaveCount 2
        Get-NestSession -HostName 'kvm*' | Should -BeNullOrEmpty
    }

    It 'is of this machine where no host is named' {
        $first.HostName | Should -Be localhost
        $first.Client | Should -BeNullOrEmpty
        ($first | Get-NestedSupport).HostName | Should -Be localhost
    }

    It 'has an error for a name and a number that no session has' {
        Get-NestSession -Name third @Quiet | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'SessionNotFound,*'
        Get-NestSession -Id 4711 @Quiet | Should -BeNullOrEmpty
        $failure.FullyQualifiedErrorId | Should -BeLike 'SessionNotFound,*'
        Get-NestSession -Name 'third*' | Should -BeNullOrEmpty
    }

    It 'is completed by name and number' {
        Complete 'Get-NestSession ' | Should -Be first, second
        Complete 'Remove-NestSession -Id ' | Should -Contain "$($first.Id)"
    }
}
