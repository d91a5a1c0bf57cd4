#!/usr/bin/env bash
# Installs the real FTP programs that the tests and the benchmarks run against (Debian packages).
#
# Clients are installed the usual way. Servers conflict with one another, and would be started as
# services: they are unpacked into a folder of their own, with the libraries that the machine lacks.
# Nothing is started. A second run finds everything there and only says so.
#
# usage: scripts/peers.sh        folder: $FTPKIT_PEERS, else ~/.cache/ftpkit-peers
set -euo pipefail

peers=${FTPKIT_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/ftpkit-peers}
python=/usr/bin/python3 # not the first in PATH: Debian's packages are visible to Debian's python alone
pam_service=/etc/pam.d/ftpkit-vsftpd

# The programs that clients are known by, and the packages they come in.
declare -A clients=(
  [curl]=curl [lftp]=lftp [ncftp]=ncftp [tnftp]=tnftp [python3]=python3
  [pyftpdlib]=python3-pyftpdlib [openssl]=openssl [tmux]=tmux
)
servers=(vsftpd proftpd-core proftpd-mod-crypto pure-ftpd pure-ftpd-common)

fail() {
  echo "peers.sh: $*" >&2
  exit 1
}

have() {
  case $1 in
    pyftpdlib) "$python" -c 'import pyftpdlib' 2>/dev/null ;;
    python3) [ -x "$python" ] ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

# A package list that is missing or too old shows as a failed step: fetch a new one, then try again.
with_fresh_lists() {
  "$@" >/dev/null 2>&1 && return
  if [ "$(id -u)" = 0 ]; then apt-get -q update >/dev/null 2>&1 || true; fi
  "$@" >/dev/null || return
}

install_clients() {
  local missing=() name
  for name in "${!clients[@]}"; do
    have "$name" || missing+=("${clients[$name]}")
  done
  [ ${#missing[@]} = 0 ] && return
  [ "$(id -u)" = 0 ] || fail "not installed, and only root can do it: apt-get install ${missing[*]}"
  with_fresh_lists env DEBIAN_FRONTEND=noninteractive \
    apt-get -qy --no-install-recommends install "${missing[@]}" ||
    fail "apt-get could not install ${missing[*]}"
}

# The libraries that the unpacked servers want and the machine has not got, as package names.
missing_libraries() {
  local package
  for package in "$@"; do dpkg-deb -f "$package" Depends; done |
    tr ',|' '\n\n' | awk '$1 ~ /^lib/ { print $1 }' | sort -u |
    xargs apt-get -s --no-upgrade --no-install-recommends install |
    awk '$1 == "Inst" { print $2 }'
}

servers_complete() {
  local binary
  for binary in vsftpd proftpd pure-ftpd; do
    [ -x "$peers/usr/sbin/$binary" ] || return
    LD_LIBRARY_PATH=$peers/libraries ldd "$peers/usr/sbin/$binary" | grep -q 'not found' && return 1
  done
  [ -x "$peers/usr/bin/pure-pw" ] && [ -e "$peers/usr/lib/proftpd/mod_tls.so" ]
}

unpack_servers() {
  servers_complete && return
  local libraries package
  mkdir -p "$(dirname "$peers")"
  work=$(mktemp -d "$peers.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work/packages" "$work/root/libraries"
  cd "$work/packages"
  with_fresh_lists apt-get -q download "${servers[@]}" || fail "apt-get could not fetch ${servers[*]}"
  mapfile -t libraries < <(missing_libraries ./*.deb)
  [ ${#libraries[@]} = 0 ] || with_fresh_lists apt-get -q download "${libraries[@]}" ||
    fail "apt-get could not fetch ${libraries[*]}"
  for package in ./*.deb; do dpkg-deb -x "$package" "$work/root"; done
  # Debian's folder for libraries is named after the machine: gather them in one that is known.
  find "$work/root" -name 'lib*.so.*' -path '*-linux-gnu/*' -exec mv -t "$work/root/libraries" {} +
  cd /
  if [ -e "$peers" ] && [ ! -d "$peers/libraries" ]; then fail "$peers is not a folder of this script's"; fi
  rm -rf "$peers"
  mv "$work/root" "$peers"
  chmod 755 "$peers"
  servers_complete || fail "a server in $peers lacks a library"
}

# vsftpd asks PAM about every login: this service knows the one user of tests/support/servers.ts.
write_pam_service() {
  local service="# Written by ftpkit's scripts/peers.sh, for the vsftpd of its tests. No other program uses it.
auth required pam_userdb.so db=$peers/vsftpd-users crypt=none
account required pam_permit.so"
  [ -e "$peers/vsftpd-users.db" ] || "$python" - "$peers/vsftpd-users" <<'PYTHON'
import dbm.ndbm, sys
with dbm.ndbm.open(sys.argv[1], "n", 0o644) as users:
    users["ftpkit"] = "ftpkit-secret"
PYTHON
  [ "$(cat "$pam_service" 2>/dev/null)" = "$service" ] && return
  [ "$(id -u)" = 0 ] || fail "only root can write $pam_service, which vsftpd logs its users in by"
  echo "$service" >"$pam_service"
}

version_of() {
  case $1 in
    tnftp) dpkg-query -W -f '${Version}' tnftp ;; # it cannot say its own
    python3) "$python" --version ;;
    pyftpdlib) "$python" -c 'import pyftpdlib; print(pyftpdlib.__ver__)' ;;
    ncftp) ncftpget --version 2>&1 || true ;;
    tmux) tmux -V ;;
    openssl) openssl version ;;
    curl | lftp) "$1" --version ;;
    pure-ftpd) "$2" -h ;;
    vsftpd) "$2" -v 0>&1 ;;
    *) "$2" -v ;;
  esac 2>&1 | grep -oEm1 '[0-9]+(\.[0-9]+)+[a-z]?|[0-9]{8}' | head -1
}

report() {
  local name path version
  for name in curl lftp ncftp tnftp python3 pyftpdlib openssl tmux vsftpd proftpd pure-ftpd; do
    case $name in
      vsftpd | proftpd | pure-ftpd) path=$peers/usr/sbin/$name ;;
      python3) path=$python ;;
      pyftpdlib) path=$("$python" -c 'import pyftpdlib; print(pyftpdlib.__path__[0])') ;;
      *) path=$(command -v "$name") ;;
    esac
    version=$(LD_LIBRARY_PATH=$peers/libraries version_of "$name" "$path") || fail "$path does not run"
    echo "$name $version $path"
  done
}

command -v apt-get >/dev/null || fail "apt-get is missing: the peers come from Debian's packages"
install_clients
unpack_servers
write_pam_service
report
