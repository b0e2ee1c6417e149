#!/bin/sh
# Installs tinybackup @VERSION@, or removes it. Everything stands in functions, and the last line calls them: of a
# script that was cut on its way, nothing is done.
set -eu

version=@VERSION@
# The folder of the downloads; empty where the project has no address yet.
home='@DOWNLOADS@'

usage() {
  cat <<'END'
usage: sh install.sh [--prefix DIR] [--from PLACE] [--uninstall]

Downloads tinybackup @VERSION@ for this system, compares its SHA-256 with the one that was released, tries it, and puts
the program, its manual page and its completions below the prefix.

  --prefix DIR   /usr/local for root, ~/.local for everybody else, unless said
  --from PLACE   the folder, or the address of the folder, that holds the downloads@PLACE@
  --uninstall    remove what was installed there; schedules, revisions and the journal stay
END
}

# The SHA-256 of each download.
list_sums() {
  cat <<'END'
@SUMS@
END
}

# What is in a download, its mode, and where below the prefix it belongs.
list_files() {
  cat <<'END'
@FILES@
END
}

fail() { # MESSAGE [HINT [CODE]]
  printf 'install.sh: %s\n' "$1" >&2
  [ -z "${2-}" ] || printf 'hint: %s\n' "$2" >&2
  exit "${3-1}"
}

has() { command -v "$1" >/dev/null 2>&1; }

find_target() {
  system=$(uname -s)
  processor=$(uname -m)
  case $system in
    Linux) target=linux ;;
    Darwin) target=darwin ;;
    FreeBSD) target=freebsd ;;
    *) fail "there is no tinybackup for $system" ;;
  esac
  # A shell that was translated for Intel does not know on what it runs.
  [ "$target" != darwin ] || [ "$(sysctl -n hw.optional.arm64 2>/dev/null)" != 1 ] || processor=arm64
  case $processor in
    x86_64 | amd64) target=$target-x64 ;;
    aarch64 | arm64) target=$target-arm64 ;;
    *) fail "there is no tinybackup for $system on $processor" ;;
  esac
  case $system$(ldd --version 2>&1 || ls /lib/ld-musl-* 2>/dev/null || :) in
    Linux*musl*) target=$target-musl ;;
  esac
  archive=tinybackup-$version-$target.tar.gz
  sum=$(list_sums | sed -n "s/  $archive\$//p")
  [ -n "$sum" ] || fail "release $version has no download for $target"
}

check_tools() {
  missing=
  for tool in tar gzip sed cut mktemp; do
    has "$tool" || missing="$missing $tool"
  done
  has sha256sum || has shasum || has sha256 || has openssl || missing="$missing sha256sum"
  case $from in
    *://*) has curl || has wget || has fetch || missing="$missing curl (or wget)" ;;
  esac
  [ -z "$missing" ] || fail "these programs are needed, and not there:$missing" 'install them, and try again'
}

obtain() {
  case $from in
    *://*)
      if has curl; then
        curl -fsSL -o "$work/$archive" "$from/$archive"
      elif has wget; then
        wget -q -O "$work/$archive" "$from/$archive"
      else
        fetch -q -o "$work/$archive" "$from/$archive"
      fi || fail "cannot download '$from/$archive'" 'try again; --from says where else the downloads are'
      ;;
    *)
      [ -f "$from/$archive" ] || fail "there is no '$archive' in '$from'" \
        'download it, and say with --from which folder it is in'
      cp "$from/$archive" "$work/$archive"
      ;;
  esac
}

digest() { # FILE
  if has sha256sum; then
    sha256sum "$1"
  elif has shasum; then
    shasum -a 256 "$1"
  elif has openssl; then
    openssl dgst -sha256 -r "$1"
  else
    sha256 -q "$1"
  fi | cut -d ' ' -f 1
}

put() { # FROM TO MODE
  if ! { mkdir -p "${2%/*}" && cp "$1" "$2.new" && chmod "$3" "$2.new" && mv -f "$2.new" "$2"; } 2>/dev/null; then
    fail "cannot write into '${2%/*}'" 'run it as root, or with --prefix and a folder of your own'
  fi
}

install_program() {
  find_target
  check_tools
  umask 022
  work=$(mktemp -d "${TMPDIR:-/tmp}/tinybackup.XXXXXX")
  trap 'rm -rf "$work" "$prefix/bin/.tinybackup-$$"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  obtain
  [ "$(digest "$work/$archive")" = "$sum" ] || fail \
    "'$from/$archive' is not what was released: its SHA-256 is another" 'nothing was installed; download it anew'
  gzip -dc "$work/$archive" | tar -xf - -C "$work"
  unpacked=$work/tinybackup-$version-$target
  # Tried where it will be: there it must be permitted to run.
  put "$unpacked/tinybackup" "$prefix/bin/.tinybackup-$$" 755
  said=$("$prefix/bin/.tinybackup-$$" --version 2>&1) || :
  [ "$said" = "tinybackup $version" ] || fail "the program for $target does not run here: $said" \
    "$(case $target in
      *musl) echo 'apk add libstdc++' ;;
      linux*) echo 'it needs glibc 2.17 or later' ;;
    esac)"
  rm -f "$prefix/bin/.tinybackup-$$"
  list_files | while read -r name mode place; do
    put "$unpacked/$name" "$prefix/$place" "$mode"
  done
  printf "installed tinybackup %s as '%s'\n" "$version" "$prefix/bin/tinybackup"
  found=$(command -v tinybackup || :)
  case $found in
    "$prefix/bin/tinybackup") echo 'next: tinybackup doctor' ;;
    '') printf "next: put '%s' on the PATH, in the file that your shell reads first\n" "$prefix/bin" ;;
    *) printf "warning: what your shell finds first is '%s'\n" "$found" >&2 ;;
  esac
}

remove_program() {
  [ -e "$prefix/bin/tinybackup" ] || fail "there is no '$prefix/bin/tinybackup'" \
    'where it was installed with --prefix, say so again'
  list_files | while read -r _ _ place; do
    rm -f "$prefix/$place" || fail "cannot remove '$prefix/$place'" 'run it as root'
  done
  rmdir "$prefix/share/doc/tinybackup/docs" "$prefix/share/doc/tinybackup" 2>/dev/null || :
  printf "removed '%s'\n" "$prefix/bin/tinybackup"
}

main() {
  task=install_program
  prefix=
  from=
  while [ $# -gt 0 ]; do
    case $1 in
      --prefix=* | --from=*)
        argument=$1
        shift
        set -- "${argument%%=*}" "${argument#*=}" "$@"
        ;;
      --prefix | --from)
        [ -n "${2-}" ] || fail "$1 has no value" 'sh install.sh --help' 2
        if [ "$1" = --prefix ]; then prefix=$2; else from=$2; fi
        shift 2
        ;;
      --uninstall) task=remove_program && shift ;;
      --help | -h) usage && exit ;;
      *) fail "there is no '$1'" 'sh install.sh --help' 2 ;;
    esac
  done
  if [ -z "$prefix" ]; then
    if [ "$(id -u)" = 0 ]; then prefix=/usr/local; else prefix=${HOME:-}/.local; fi
    [ "$prefix" != /.local ] || fail 'HOME is not set' 'say with --prefix where to'
  fi
  case $prefix in
    /*) prefix=${prefix%/} ;;
    *) prefix=$PWD/$prefix ;;
  esac
  from=${from%/}
  if [ -z "$from" ]; then
    # Where it lies beside the downloads; from a pipe, that is the present folder.
    from=$home
    [ -n "$from" ] || case $0 in
      */*) from=${0%/*} ;;
      *) from=. ;;
    esac
  fi
  "$task"
}

main "$@"
