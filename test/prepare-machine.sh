#!/bin/sh
# Installs what the tests use besides Node and npm: the foreign judges (tar, zstd, ...), strace, at, other shells.
# On Debian as root it installs what is missing; elsewhere it says what that is.
set -eu

missing=
need() { # COMMAND PACKAGE
  command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
PATH=$PATH:/usr/sbin:/sbin
need at at
need bsdtar libarchive-tools
need fish fish
need gzip gzip
need mkfs.vfat dosfstools
need mount mount
need setpriv util-linux
need strace strace
need tar tar
need tcsh tcsh
need zsh zsh
need zstd zstd
[ -e /usr/lib/"$(uname -m)"-linux-gnu/faketime/libfaketime.so.1 ] || missing="$missing libfaketime"

[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "the tests need these Debian packages, or their like:$missing" >&2
  exit 1
fi
apt-get update -qq
# shellcheck disable=SC2086 # one word a package
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
