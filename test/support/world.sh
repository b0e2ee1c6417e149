#!/bin/bash
# A world of its own for `at`: private spool, /run, /etc and clock, thrown away when standard input ends. Run by
# world.ts as `unshare -m -p -f --mount-proc world.sh LIBFAKETIME CHECKOUT`; nothing of the machine's own is touched.
#
# The clock works through /etc/ld.so.preload, which the setuid `at`, its daemon and every job obey whatever their
# environment, and an offset in /etc/faketimerc, since an absolute time would be read in each process's own zone.
set -eu

spool=/var/spool/cron
mount -t tmpfs tmpfs "$spool"
mkdir -p "$spool/atjobs" "$spool/atspool"
chown daemon:daemon "$spool"/at*
chmod 1770 "$spool"/at*
install -o daemon -g daemon -m 600 /dev/null "$spool/atjobs/.SEQ"

mount -t tmpfs -o mode=755 tmpfs /run
mkdir /run/etc /run/sbin /run/mail /run/project
# This checkout, for somebody who may not go where it is, such as below /root.
mount --bind "$2" /run/project
chmod 1777 /run/mail
cp -a /etc/. /run/etc/
mount --bind /run/etc /etc
# Where an odd HOME leads: what a program of this world remembers there must not meet the next world.
for folder in /nowhere /.local /root/.local; do
  mkdir -p "$folder"
  mount -t tmpfs tmpfs "$folder"
done
# Somebody beside root, whom a bare machine does not have.
if ! getent passwd 1000 >/dev/null; then
  echo 'somebody:x:1000:1000::/tmp:/bin/sh' >>/etc/passwd
  echo 'somebody:*:19000:0:99999:7:::' >>/etc/shadow
  echo 'somebody:x:1000:' >>/etc/group
fi

# What a job prints is mailed; here a mail is a file.
mount --bind /usr/sbin /run/sbin
mount -t tmpfs -o mode=755 tmpfs /usr/sbin
ln -s /run/sbin/* /usr/sbin/
rm -f /usr/sbin/sendmail
# It is seen once it is whole.
printf '#!/bin/sh\nm=$(date +%%s%%N).$$\ncat >"/run/mail/.$m" && mv "/run/mail/.$m" "/run/mail/$m"\n' >/usr/sbin/sendmail
chmod 755 /usr/sbin/sendmail

# libfaketime names its shared memory by process ids, which here start again at 1.
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
echo +0 >/etc/faketimerc
echo "$1" >/etc/ld.so.preload
echo ready
# Reading keeps process 1 alive, and bash collects the jobs that outlive their daemon.
while read -r _; do :; done
