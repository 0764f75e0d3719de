# shellcheck shell=bash
# What the scripts beside this file share. Sourced, never run.

# What the tests use unless IDGRAPH_TEST_POSTGRES_URL and IDGRAPH_TEST_REDIS_URL say otherwise.
# shellcheck disable=SC2034 # used by the scripts that source this
default_postgres_url=postgres://postgres@127.0.0.1:5432 default_redis_url=redis://127.0.0.1:6379

# say MESSAGE… — a line of progress.
say() { printf '    %s\n' "$*" >&2; }

# die MESSAGE… — a line on standard error, and the end.
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# as_root COMMAND… — as it is for root, through sudo for everyone else.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif have sudo; then
    sudo "$@"
  else
    die "this needs root and there is no sudo: $*"
  fi
}

# apt_install PACKAGE… — Debian and its relatives; elsewhere it names what is missing. The UTF-8
# locale is for packages that set something up on installation, such as PostgreSQL's first cluster.
apt_install() {
  have apt-get || die "please install: $* (there is no apt-get here to do it)"
  say "installing $* with apt-get"
  local apt=(env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get -qq -o DPkg::Lock::Timeout=300)
  as_root "${apt[@]}" update >/dev/null || say "apt-get update failed, going on with the lists at hand"
  as_root "${apt[@]}" install -y --no-install-recommends "$@" >/dev/null
}

# What every build needs: a C compiler (SQLite and the TLS library are compiled from C) and cargo.
need_build_tools() {
  if ! have cargo && [ -r "$HOME/.cargo/env" ]; then
    # shellcheck source=/dev/null
    . "$HOME/.cargo/env"
  fi
  have cargo || die "cargo is missing. Install Rust with rustup, as https://rustup.rs says:
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh"
  have cc || apt_install build-essential
}
