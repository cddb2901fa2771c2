namespace NestVirt.Cli;

/// <summary>The first page of help.</summary>
internal static class RootHelp
{
    /// <summary>The page; no line is longer than 80 columns.</summary>
    internal const string Text = """
        Can guests of these hosts run hypervisors of their own, and own PCI devices?

          nestvirt support                    this machine
          nestvirt support kvm1 root@kvm2     hosts over SSH
          nestvirt support wsman:hv1 --ask-password --user 'LAB\admin'   Hyper-V

        Usage: nestvirt COMMAND [HOST…] [OPTION…]

        To look:
          support           can it nest, can it pass devices through, and why not
          iommu             the IOMMU groups: what can be passed through, what shares
          iommu diff REF    what moved, joined or left since a snapshot
          pci               every PCI function, its driver, what the host needs it for
          sriov             the functions that can have virtual functions
          modules           the KVM modules, their parameters and mistakes in them
          guests            the virtual machines: which can run hypervisors, and when
          vm-pci            the PCI devices that virtual machines own
          snapshot          record a host's answers in a file, to read anywhere
          ping              which step on the way to a host does not stand
          history           the changes that were made on a host
          completion SHELL  a completion script for bash, zsh, fish, pwsh

        To change, for now and for every boot to come:
          enable nesting    let guests run hypervisors; disable nesting forbids it
          enable iommu      turn the IOMMU on at the next boot; disable iommu off
          set module        parameters of a KVM module: HOST MODULE NAME=VALUE
          set kernel        words on the kernel's command line
          set sriov         how many virtual functions, and their settings
          set driver        the driver of a PCI device, such as vfio-pci
          set hugepages     how many huge pages of a size
          set cpu           what virtual machines need to run hypervisors
          set tuning        fit virtual machines of KVM to the host's CPUs and memory
          add vm-pci        PCI devices of a host to a virtual machine: HOST DEVICE
                            --vm NAME; remove vm-pci takes them back
          apply FILE        make a reviewed plan so; HOST where it names another
          undo [ID]         take a change back: every byte that it wrote

        Hosts:
          HOST is [user@]host[:port], wsman:host[:port] for a Hyper-V host, or a host
          or @group of the inventory, where * and ? stand for other characters. The
          user's ssh configuration, agent, known_hosts and Kerberos ticket are used;
          passwords are asked for with --ask-password alone.
              --snapshot FILE…       recorded hosts: files, a directory, a pattern;
                                     changes are planned over them, not made
              --root DIR             a directory that holds the proc/ and sys/ of a host
          -i, --inventory FILE       a YAML or JSON file of hosts and groups, such as
                                         groups:
                                           lab:
                                             user: root
                                             hosts: [kvm1, {name: kvm2, port: 2222}]
          -u, --user NAME            the account on hosts that name none
          -p, --port NUMBER          the port of hosts that name none
              --identity FILE        the private key file for ssh
              --ssh-option KEY=VALUE an option for the ssh client; may be given again
              --ssh-client openssh|library  the ssh of this machine, or the built-in
                                     client: for passwords, and where no ssh is
              --use-ssl              reach Hyper-V hosts over HTTPS; port 5986 means it
              --authentication default|negotiate|kerberos|ntlmdomain|basic
                                     how to log in to Hyper-V hosts: by NTLM with a
                                     password, or else by the Kerberos ticket
              --certificate-thumbprint DIGITS  the one certificate they may have
              --authority-file FILE  the authorities that vouch for them
              --ask-password         ask for the password of the account on hosts
              --ask-key-passphrase   ask for the passphrase of the private key
              --ask-sudo-password    ask for the password that sudo asks for
              --trust-inventory      let the inventory set every ssh option: those that
                                     run programs here or believe any host, too
              --no-sudo              do not use sudo for what needs root
              --throttle N           how many hosts are asked at once (32)
              --timeout SECONDS      how long a host may take to answer (60)
              --connect-timeout SECONDS  how long connecting to a host may take (15)

        Changes ask first, on a terminal:
          -y, --yes                  do not ask; needed where nobody can be asked
          -n, --what-if              show every change, and make none
              --plan FILE            write the plan to a file, for 'nestvirt apply'
              --stop-guests          shut guests down where needed; start them again
              --guest-timeout SECONDS  how long a guest may take to shut down (120)
              --replace-conflict     comment out lines of other files that conflict
          -f, --force                interrupt what is in use
              --restart              restart the host when the change waits for that

        Output:
          -o, --output table|json|jsonl|csv
              --fail-on blocked|configurable|unknown   of support: exit code 1
              --version, -h, --help

        Ctrl+C stops waiting: a host goes on to the end of a change that has begun, and
        is named; 'nestvirt history' tells what became of it.

        Exit code: 0 all well, 1 a change is not in effect and could be, or no host has
        what was named, 2 usage, 3 some hosts failed, 4 all hosts failed, 130 stopped by
        Ctrl+C. A pattern that nothing fits is no error; a name that no host has is one.
        'nestvirt COMMAND --help' tells more about a command.

        """;
}
