#!/bin/bash
# Asks Debian's at(1) what each time text means. usage: ask-at.sh FOLDER
# FOLDER/cases has lines: number TAB zone TAB epoch-second TAB text. Writes FOLDER/answers (at's messages, each
# case under its "# number") and FOLDER/jobs (the names in the spool, which hold the minute in hexadecimal).
# Everything happens in a private mount namespace: the real spool and the real daemon see nothing. Needs root.
set -eu
folder=$1
preload=$(ls /usr/lib/*/faketime/libfaketime.so.1)
# A copy has lost the setuid bit, and so obeys LD_PRELOAD.
install -m 755 /usr/bin/at "$folder/at"
export folder preload
exec unshare --mount --propagation private bash -eu -c '
  spool=/var/spool/cron
  mount -t tmpfs tmpfs $spool
  mkdir -p $spool/atjobs $spool/atspool
  chown daemon:daemon $spool/atjobs $spool/atspool
  chmod 1770 $spool/atjobs $spool/atspool
  install -o daemon -g daemon -m 600 /dev/null $spool/atjobs/.SEQ
  mount -t tmpfs tmpfs /run
  cd /
  while IFS=$'"'\t'"' read -r number zone now text; do
    printf "# %s\n" "$number" >&2
    # A frozen clock, by the second of the epoch: it is the same in every zone.
    TZ=$zone FAKETIME_FMT=%s FAKETIME=$now LD_PRELOAD=$preload "$folder/at" -q y -- "$text" </dev/null || true
  done <"$folder/cases" 2>"$folder/answers"
  ls $spool/atjobs >"$folder/jobs"
'
