#!/bin/sh
bash "$(dirname "$0")/../24-arm-no-smmu/make.sh" "$1"; . "$(dirname "$0")/../lib.sh"; R=$1
table IORT
