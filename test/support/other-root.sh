#!/bin/sh
# unshare -m --propagation private other-root.sh FOLDER SCRIPT: runs a script in a system that is this one, but for
# what it changes, which is thrown away when it ends. The folder is at /media there.
set -eu
mount -t tmpfs tmpfs /mnt
mkdir /mnt/changes /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/changes,workdir=/mnt/work overlay /mnt/root
mount --rbind /dev /mnt/root/dev
mount -t proc proc /mnt/root/proc
mount --bind "$1" /mnt/root/media
exec chroot /mnt/root sh -euc "$2"
