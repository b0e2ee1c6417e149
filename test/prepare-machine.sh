#!/bin/sh
# Installs what the tests use besides Node and npm: the foreign judges (tar, zstd, ...), at, other shells, what reads
# a manual page, what makes packages, what makes and serves file systems, and an emulator of another processor.
# On Debian as root it installs what is missing; elsewhere it says what that is.
set -eu

missing=
need() { # COMMAND PACKAGE
  command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
PATH=$PATH:/usr/sbin:/sbin
need at at
need bsdtar libarchive-tools
need busybox busybox
need curl curl
need fish fish
need groff groff-base
need gzip gzip
need jq jq
need mandoc mandoc
need mkfs.btrfs btrfs-progs
need mkfs.exfat exfatprogs
need mkfs.ext4 e2fsprogs
need mkfs.vfat dosfstools
need mkfs.xfs xfsprogs
need mount mount
need mount.exfat-fuse exfat-fuse
need ntfs-3g ntfs-3g
need patch patch
need pkill procps
need python3 python3
need qemu-aarch64-static qemu-user-static
need rclone rclone
need rpmbuild rpm
need ruby ruby
need setcap libcap2-bin
need setfacl acl
need setfattr attr
need setpriv util-linux
need sqlite3 sqlite3
need ssh openssh-client
need sshd openssh-server
need sshfs sshfs
need strace strace
need tar tar
need tcsh tcsh
need wget wget
need zsh zsh
need zstd zstd
[ -e /usr/lib/"$(uname -m)"-linux-gnu/faketime/libfaketime.so.1 ] || missing="$missing libfaketime"

[ -e /usr/share/bash-completion/bash_completion ] || missing="$missing bash-completion"

[ -e /usr/lib/python3/dist-packages/fusepy.py ] || missing="$missing python3-fusepy"

# What reads the metrics and the task that docs/monitoring.md shows.
[ -e /usr/lib/python3/dist-packages/prometheus_client ] || missing="$missing python3-prometheus-client"
[ -e /usr/lib/python3/dist-packages/yaml ] || missing="$missing python3-yaml"

# The C library that the program for arm64 is run with, on other processors.
[ -e /usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1 ] || [ "$(uname -m)" = aarch64 ] || missing="$missing libc6-arm64-cross"

[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "the tests need these Debian packages, or their like:$missing" >&2
  exit 1
fi
apt-get update -qq
# shellcheck disable=SC2086 # one word a package
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
