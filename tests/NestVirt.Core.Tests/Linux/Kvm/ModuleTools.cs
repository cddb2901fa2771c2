using System.Runtime.Versioning;
using NestVirt.Core.Tests.Changes;

namespace NestVirt.Core.Tests.Linux.Kvm;

/// <summary>Stands in for modprobe, insmod and rmmod in a tree: they keep kvm and kvm_amd in its sys/module, and end a load as the kernel does.</summary>
[UnsupportedOSPlatform("windows")]
internal static class ModuleTools
{
    // Arguments: the module, then what it is handed. A number for npt or a word for a number ends the load.
    private const string Kernel = """
        #!/bin/sh
        m=$1; shift
        for o do
          case $o in
            nested=*[!0-9]* | nested= | npt=[!YN01]* | halt_poll_ns=*[!0-9]*)
              echo "could not insert '$m': Invalid argument" >&2; exit 1 ;;
          esac
        done
        mkdir -p TREE/sys/module/$m/parameters
        case $m in
          kvm) echo 200000 >TREE/sys/module/kvm/parameters/halt_poll_ns ;;
          kvm_amd)
            echo 1 >TREE/sys/module/kvm_amd/parameters/nested
            echo Y >TREE/sys/module/kvm_amd/parameters/npt
            echo 'not required' >TREE/sys/module/kvm_amd/parameters/flush ;;
        esac
        for o do [ ! -e TREE/sys/module/$m/parameters/${o%%=*} ] || echo "${o#*=}" >TREE/sys/module/$m/parameters/${o%%=*}; done
        echo live >TREE/sys/module/$m/initstate
        """;

    private const string Modprobe = """
        #!/bin/sh
        env >TREE/environment
        case $MODPROBE_OPTIONS in -n) exit 0 ;; esac
        [ ! -e TREE/silent ] || exit 3
        case "$*" in '-r -- '*) [ ! -e TREE/idle ] || exit 0 ;; esac
        [ ! -e TREE/busybox ] || case $1 in -C) exit 1 ;; esac
        case "$*" in
          *'-D -- '*)
            [ ! -e TREE/upgraded ] || exit 1
            echo "insmod TREE/lib/modules/kvm.ko.xz halt_poll_ns=abc"
            echo "insmod TREE/lib/modules/kvm-amd.ko.xz npt=maybe"
            exit 0 ;;
          '-r -- '*) rm -rf TREE/sys/module/kvm_amd TREE/sys/module/kvm; exit 0 ;;
        esac
        shift
        if [ -e TREE/kill ]; then read -r _ _ _ _ group _ </proc/$$/stat; rm TREE/kill; kill -9 "-$group"; fi
        m=$1; shift
        cat TREE/etc/modprobe.d/* >TREE/all
        given=
        while read -r word name rest; do
          case $word-$name in
            install-$m) $rest; exit ;;
            options-$m) given="$given $rest" ;;
            options-kvm) common="$common $rest" ;;
          esac
        done <TREE/all
        [ "$m" = kvm ] || [ -e TREE/sys/module/kvm ] || TREE/bin/kernel kvm $common || exit 1
        [ -e TREE/sys/module/$m ] || exec TREE/bin/kernel "$m" $given "$@"
        """;

    private const string Insmod = """
        #!/bin/sh
        m=${1##*/} m=$(echo "${m%%.*}" | tr - _); shift
        echo "$m $*" >>TREE/inserted
        exec TREE/bin/kernel "$m" "$@"
        """;

    /// <summary>Puts them into a tree whose kvm_amd is loaded.</summary>
    /// <param name="host">The tree.</param>
    internal static void WithModules(this TreeChange host)
    {
        host.Tree.Write("etc/modprobe.d/site.conf", "# none\n");
        foreach (
            (string name, string text) in (ReadOnlySpan<(string, string)>)
                [
                    ("kernel", Kernel),
                    ("modprobe", Modprobe),
                    ("insmod", Insmod),
                    ("rmmod", "#!/bin/sh\nrm -rf \"TREE/sys/module/$1\"\n"),
                ]
        )
        {
            host.Tree.Write("bin/" + name, text.Replace("TREE", host.Tree.Path, StringComparison.Ordinal));
            File.SetUnixFileMode($"{host.Tree.Path}/bin/{name}", (UnixFileMode)0b111_101_101);
        }

        host.Tree.Write("sys/module/kvm/initstate", "live\n")
            .Write("sys/module/kvm/parameters/halt_poll_ns", "1000\n")
            .Write("sys/module/kvm_amd/initstate", "live\n")
            .Write("sys/module/kvm_amd/parameters/nested", "1\n")
            .Write("sys/module/kvm_amd/parameters/npt", "N\n")
            .Write("sys/module/kvm_amd/parameters/flush", "not required\n");
    }
}
