# The lab's sizes, suites, packages and folders, in one place; sourced. What a variable of the environment can change says so.
# shellcheck shell=bash disable=SC2034

# Folders. The cache is shared by every checkout of this user; what runs belongs to the checkout.
LAB_CACHE=${NESTVIRT_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nestvirt-lab}
LAB_RUN=$PWD/artifacts/lab
LAB_ENV=$PWD/artifacts/lab.env

# The hosts that `up` starts when none is named. Every name but amd, boot and intel is a file in topologies/.
LAB_HOSTS=${NESTVIRT_LAB_HOSTS:-amd intel boot deep flat}

# Sizes. Two NUMA nodes share the memory of an AMD host.
LAB_MEMORY_MIB=3072
LAB_INTEL_MEMORY_MIB=1536
LAB_DISK_SPARE_MIB=600
LAB_CACHE_GIB=12
# The file system of /var where that is apart.
LAB_APART_SECTORS=1048576
LAB_START_SECONDS=400

# The AMD host's processor, and words of the kernels' command lines.
LAB_CPU=EPYC,+svm,+npt
LAB_KERNEL_WORDS='console=ttyS0 quiet net.ifnames=0'
LAB_AMD_WORDS='intel_iommu=on iommu=pt'
# Under GRUB an emulated timer may be late for the kernel's check of it.
LAB_BOOT_WORDS=no_timer_check
# Guests start under bochs only without a virtual APIC.
LAB_INTEL_WORDS='mitigations=off nokaslr tsc=reliable random.trust_cpu=on kvm_intel.enable_apicv=0'

# What the hosts consist of.
LAB_HOST_SUITE=bookworm
LAB_HOST_PACKAGES=systemd-sysv,udev,dbus,openssh-server,kmod,pciutils,iproute2,procps,libvirt-daemon-system,libvirt-clients,qemu-system-x86,numactl,dmidecode,netcat-openbsd,dnsmasq-base,iptables,ethtool
# The host that starts from its own disk has these as well.
LAB_BOOT_PACKAGES='grub-pc-bin grub2-common initramfs-tools'
# Tests bring these along; the hosts do not have them.
LAB_TEST_PACKAGES='sudo driverctl dracut-core network-manager libnm0 libndp0 libteamdctl0 libbluetooth3 libmm-glib0 libnewt0.52'

# The emulators, each in a tree of its own. Older QEMUs have no igb, and emulate SVM worse.
LAB_QEMU_SUITE=bookworm-backports
LAB_QEMU_PACKAGES=qemu-system-x86,qemu-utils,ipxe-qemu,seabios,e2fsprogs,fdisk,cpio
LAB_BOCHS_SUITE=trixie
LAB_BOCHS_PACKAGES=bochs,bochs-term,bochsbios,vgabios,isolinux,syslinux-common,xorriso
