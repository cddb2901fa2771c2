BeforeDiscovery {
    $noSsh = $IsWindows -or -not ((Get-Command -Name sshd -ErrorAction Ignore) -or (Test-Path -Path /usr/sbin/sshd))
}

BeforeAll {
    . "$PSScriptRoot/common.ps1"
    $class = 'NestVirt.PowerShell.Commands.SetKvmModuleParameterCommand'
}

Describe 'Set-KvmModuleParameter' -Skip:$noSsh {
    BeforeAll {
        $folder = (Get-Item -Path TestDrive:/).FullName
        $tree = "$folder/tree"
        $kvm = Start-TreeHost "$folder/sshd" $tree
        $before = Get-TreeState $tree
        $value = "$tree/sys/module/kvm_intel/parameters/enable_shadow_vmcs"
    }

    AfterAll {
        Stop-TestHost "$folder/sshd"
    }

    It 'sets a parameter of the module that comes down the pipeline, on its host, and takes it back' {
        $result = Get-KvmModule @kvm -Name kvm_intel |
            Set-KvmModuleParameter -Parameter @{ enable_shadow_vmcs = $true } -PassThru

        $result.State | Should -Be InEffect
        Get-Content -Path $value | Should -Be Y
        Get-Content -Path "$tree/etc/modprobe.d/nestvirt.conf" |
            Should -Contain 'options kvm_intel enable_shadow_vmcs=1'
        $result | Undo-NestChange
        Get-TreeState $tree -WithoutJournal | Should -Be $before
    }

    It 'takes host, module and parameters as words' {
        $login = @{ KeyFilePath = $kvm.KeyFilePath; Options = $kvm.Options }
        $result = Set-KvmModuleParameter $kvm.HostName kvm_intel @{ enable_shadow_vmcs = $true } @login -PassThru

        $result.State | Should -Be InEffect
        $result | Undo-NestChange
    }

    It 'makes two changes of one host one after the other' {
        $results = [pscustomobject]@{ Name = 'kvm-intel' }, [pscustomobject]@{ Name = 'kvm' } |
            ForEach-Object {
                [pscustomobject]@{ Name = $_.Name; HostName = 'kvm7'; Target = (Get-KvmModule @kvm)[0].Target }
            } |
            Set-KvmModuleParameter -Parameter @{ enable_shadow_vmcs = 1 } -PassThru @Quiet

        # kvm has no such parameter; the other change is made all the same.
        $results | Should -HaveCount 1
        $failure[0].FullyQualifiedErrorId | Should -Be "ChangeRefused,$class"
        $results | Undo-NestChange
    }

    It 'offers the parameters of the module' {
        $null = Get-KvmModule @kvm
        Complete 'Set-KvmModuleParameter -Module kvm_intel -Parameter ' |
            Should -Contain '@{ enable_shadow_vmcs = $true }'
        Complete 'Set-KvmModuleParameter -Module kvm -Parameter ' | Should -Contain '@{ ignore_msrs = $true }'
        Complete 'Set-KvmModuleParameter -Module kvm_i' | Should -Be kvm_intel
    }
}

Describe 'Set-KvmModuleParameter refuses' {
    It 'to set nothing' {
        { Set-KvmModuleParameter -HostName none -Module kvm -Parameter @{ } } |
            Should -Throw -ErrorId "RequestInvalid,$class"
    }

    It '<Name>, before it connects' -ForEach @(
        @{ Name = 'a module that is none of KVM''s'; Module = 'igb'; Parameter = @{ x = 1 } }
        @{ Name = 'a value of two words'; Module = 'kvm_amd'; Parameter = @{ nested = '1 evil=2' } }
        @{ Name = 'one parameter twice'; Module = 'kvm_amd'; Parameter = @{ 'a-b' = 1; a_b = 0 } }
    ) {
        { Set-KvmModuleParameter -HostName none -Module $Module -Parameter $Parameter } |
            Should -Throw -ErrorId "RequestInvalid,$class"
    }

    It 'one record of the pipeline, and goes on with the next' {
        $modules = [pscustomobject]@{ Module = 'igb' }, [pscustomobject]@{ Module = 'kvm' }
        $modules | Set-KvmModuleParameter -HostName root@127.0.0.1:1 -Parameter @{ ignore_msrs = 1 } @Quiet

        $failure.FullyQualifiedErrorId | Should -Be "RequestInvalid,$class", "HostUnreachable,$class"
        $failure[0].CategoryInfo.Category | Should -Be InvalidArgument
        $failure[0].ErrorDetails.RecommendedAction | Should -BeLike 'Name one of kvm,*'
    }
}
