# Sourced behind install.sh: puts the databases that the benchmarks compare with, and the program that draws their
# pictures. Nothing else of Recall needs them.

benchmark_packages=(libsqlite3-dev liblmdb-dev librocksdb-dev gnuplot-nox)

has_benchmark_requirements() {
    pkg-config --exists sqlite3 lmdb rocksdb && command -v gnuplot >/dev/null 2>&1
}

missing_benchmark_requirements() {
    say "The benchmarks need SQLite, LMDB, RocksDB and gnuplot, and could not install them: $1."
    say "Install them, then run this again:"
    say "  Debian, Ubuntu:  apt-get install ${benchmark_packages[*]}"
    say "  macOS:           brew install sqlite lmdb rocksdb gnuplot"
    exit 2
}

install_benchmark_requirements() {
    install_requirements
    if has_benchmark_requirements; then return; fi
    if [ "$(uname -s)" = Darwin ]; then
        command -v brew >/dev/null 2>&1 || missing_benchmark_requirements "Homebrew is not there"
        brew install sqlite lmdb rocksdb gnuplot >&2 || missing_benchmark_requirements "brew failed"
    elif command -v apt-get >/dev/null 2>&1; then
        say "Installing ${benchmark_packages[*]} with apt-get ..."
        # The lists may be old or empty, so a first attempt that fails is repeated with new ones.
        apt_install_benchmarks \
            || { as_administrator apt-get update -qq >&2 && apt_install_benchmarks; } \
            || missing_benchmark_requirements "apt-get failed or may not be run by this user"
    else
        missing_benchmark_requirements "this system has neither apt-get nor Homebrew"
    fi
    has_benchmark_requirements || missing_benchmark_requirements "they are not found after the installation"
}

apt_install_benchmarks() {
    as_administrator env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${benchmark_packages[@]}" >&2
}
