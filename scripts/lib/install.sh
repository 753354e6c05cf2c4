# Sourced by the other scripts: puts what a machine with only a Swift toolchain lacks, and says what to
# do where it cannot. Changes nothing on a machine that has everything.

say() { printf '%s\n' "$*" >&2; }

# Runs a command as the administrator: directly as root, else through sudo, which asks for a password
# only where somebody can answer.
as_administrator() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null 2>&1; then
        if [ -t 0 ]; then sudo "$@"; else sudo -n "$@"; fi
    else
        return 1
    fi
}

has_requirements() {
    command -v pkg-config >/dev/null 2>&1 && pkg-config --exists liblz4
}

missing_requirements() {
    say "Recall needs the LZ4 library with its headers, and pkg-config, and could not install them: $1."
    say "Install them, then run this again:"
    say "  Debian, Ubuntu:  apt-get install liblz4-dev pkg-config"
    say "  Fedora, RHEL:    dnf install lz4-devel pkgconf-pkg-config"
    say "  Alpine:          apk add lz4-dev pkgconf"
    say "  Arch:            pacman -S lz4 pkgconf"
    say "  macOS:           brew install lz4 pkg-config"
    exit 2
}

install_requirements() {
    if ! command -v swift >/dev/null 2>&1; then
        say "Recall needs a Swift toolchain, 6.2 or later: install one from https://www.swift.org/install, then run this again."
        exit 2
    fi
    if has_requirements; then return; fi
    if [ "$(uname -s)" = Darwin ]; then
        command -v brew >/dev/null 2>&1 || missing_requirements "Homebrew is not there"
        say "Installing lz4 and pkg-config with Homebrew ..."
        brew install lz4 pkg-config >&2 || missing_requirements "brew failed"
    elif command -v apt-get >/dev/null 2>&1; then
        say "Installing liblz4-dev and pkg-config with apt-get ..."
        apt_install liblz4-dev pkg-config || missing_requirements "apt-get failed or may not be run by this user"
    else
        missing_requirements "this system has neither apt-get nor Homebrew"
    fi
    has_requirements || missing_requirements "they are not found after the installation"
}

# The lists may be old or empty, so a first attempt that fails is repeated with new ones.
apt_install() {
    apt_install_once "$@" || { as_administrator apt-get update -qq >&2 && apt_install_once "$@"; }
}

apt_install_once() {
    as_administrator env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$@" >&2
}

# What some tests need besides: Python with LZ4, for the reader in docs/examples. They are skipped without it, so it is
# no failure where it cannot be had, and nobody is asked for a password for it.
install_test_requirements() {
    install_requirements
    if has_python_lz4; then return; fi
    if command -v apt-get >/dev/null 2>&1 && { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }; then
        say "Installing python3 and python3-lz4 with apt-get ..."
        apt_install python3 python3-lz4 || true
    fi
    has_python_lz4 || say "The tests of docs/examples/read_store.py are skipped: they need python3 with the package lz4."
}

# The places where the tests look, too.
has_python_lz4() {
    python3 -c 'import lz4.block' 2>/dev/null || /usr/bin/python3 -c 'import lz4.block' 2>/dev/null
}

# What the adapters need to be built and tested: their C libraries, and the servers that the tests start. The log needs none of
# it. One line a library or server, so that each adapter adds its own.
adapter_packages=(
    libhiredis-dev libssl-dev redis-server openssl # RecallRedis
    libmemcached-dev memcached # RecallMemcached
    librabbitmq-dev rabbitmq-server openssl # RecallAMQP
)

has_adapter_libraries() {
    local header
    for header in hiredis/hiredis.h openssl/ssl.h libmemcached/memcached.h amqp.h; do
        printf '#include <stdio.h>\n#include <%s>\n' "$header" | clang -fsyntax-only -x c - 2>/dev/null || return 1
    done
}

has_adapter_requirements() {
    local program
    has_adapter_libraries || return 1
    for program in redis-server memcached openssl; do
        command -v "$program" >/dev/null 2>&1 || return 1
    done
    # Debian's program for ordinary paths wants its own user.
    [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || [ "$(uname -s)" = Darwin ]
}

# Returns 1, and says what is missing, where they cannot be had.
try_adapter_requirements() {
    if has_adapter_requirements; then return; fi
    if [ "$(uname -s)" = Darwin ] && command -v brew >/dev/null 2>&1; then
        say "Installing hiredis, redis, libmemcached, memcached, rabbitmq-c and openssl with Homebrew ..."
        brew install hiredis redis libmemcached memcached rabbitmq-c openssl >&2 || true
        return
    fi
    if command -v apt-get >/dev/null 2>&1; then
        say "Installing ${adapter_packages[*]} with apt-get ..."
        apt_install "${adapter_packages[@]}" || true
    fi
    has_adapter_requirements && return
    say "The adapters (RecallRedis and the like) need C libraries and, for their tests, servers, which could not be installed: apt-get install ${adapter_packages[*]}"
    return 1
}

install_adapter_requirements() { try_adapter_requirements || exit 2; }
