#!/bin/sh
bash "$(dirname "$0")/../25-grub-not-written/make.sh" "$1"; . "$(dirname "$0")/../lib.sh"; R=$1
printf '# Gr\303\274\303\237e: Zeit bis zum Start\n# \345\220\257\345\212\250\345\217\202\346\225\260\nGRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX=""\n' > "$R/etc/default/grub"
