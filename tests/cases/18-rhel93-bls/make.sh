#!/bin/sh
. "$(dirname "$0")/../lib.sh"; root "$1"
kernel 5.14.0-427.22.1.el9_4.x86_64 "Rocky Linux 9.4 (Blue Onyx)"; intel "Intel(R) Xeon(R) Gold 6130 CPU @ 2.10GHz" "vmx" "vnmi ept_ad"
cmdline "BOOT_IMAGE=(hd0,gpt2)/vmlinuz-5.14.0-427.22.1.el9_4.x86_64 root=/dev/mapper/rl-root ro crashkernel=1G rd.lvm.lv=rl/root"
mod kvm_intel 380928 0; mod kvm 1142784 1 kvm_intel,; par kvm_intel nested Y; kvmdev; table DMAR
printf 'GRUB_TIMEOUT=5\nGRUB_DEFAULT=saved\nGRUB_CMDLINE_LINUX="crashkernel=1G rd.lvm.lv=rl/root intel_iommu=on iommu=pt"\nGRUB_ENABLE_BLSCFG=true\n' | put etc/default/grub
say etc/kernel/cmdline "root=/dev/mapper/rl-root ro crashkernel=1G rd.lvm.lv=rl/root"
printf 'title Rocky Linux (5.14.0-427.22.1.el9_4.x86_64) 9.4 (Blue Onyx)\nversion 5.14.0-427.22.1.el9_4.x86_64\nlinux /vmlinuz-5.14.0-427.22.1.el9_4.x86_64\ninitrd /initramfs-5.14.0-427.22.1.el9_4.x86_64.img\noptions root=/dev/mapper/rl-root ro crashkernel=1G rd.lvm.lv=rl/root\ngrub_users $grub_users\n' | put boot/loader/entries/cd3361a338fe47348de9937e51a7a4aa-5.14.0-427.22.1.el9_4.x86_64.conf
printf '# GRUB Environment Block\nsaved_entry=cd3361a338fe47348de9937e51a7a4aa-5.14.0-427.22.1.el9_4.x86_64\nkernelopts=root=/dev/mapper/rl-root ro crashkernel=1G rd.lvm.lv=rl/root intel_iommu=on iommu=pt \n' | put boot/grub2/grubenv
printf 'set default="${saved_entry}"\ninsmod blscfg\nset kernelopts="root=/dev/mapper/rl-root ro crashkernel=1G rd.lvm.lv=rl/root intel_iommu=on iommu=pt "\nblscfg\n' | put boot/grub2/grub.cfg
tool grub2-mkconfig grubby kernel-install; printf '#!/bin/sh\n  --update-bls-cmdline)\n  /etc/default/grub.d\n' > "$R/usr/sbin/grub2-mkconfig"; mkdir -p "$R/sys/firmware/efi" "$R/boot/efi"
