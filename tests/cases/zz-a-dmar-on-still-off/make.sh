#!/bin/sh
bash "$(dirname "$0")/../03-kali-no-groups/make.sh" "$1"; . "$(dirname "$0")/../lib.sh"; R=$1
table DMAR
