#!/usr/bin/env bash
# Builds the three functions into OUT, a zip each, and does nothing else: it asks nothing of AWS and
# needs no credential. The same commit and tools give the same zips, in whatever folder they are built.
set -euo pipefail

wrong() {
  printf 'scripts/build.sh: %s\nUsage: scripts/build.sh [--arch arm64|x86_64] OUT\n' "$1" >&2
  exit 2
}

arch=arm64 out=''
while [ $# -gt 0 ]; do
  case $1 in
    --arch) [ $# -gt 1 ] || wrong "--arch needs a value"; arch=$2; shift ;;
    -*) wrong "there is no option $1" ;;
    *) [ -z "$out" ] || wrong "one OUT, please: $out or $1"; out=$1 ;;
  esac
  shift
done
[ -n "$out" ] || wrong "which folder shall have the zips?"
# The processors are the least that Lambda has, as cargo-lambda names them: flags of ours replace its own.
case $arch in
  arm64) target=aarch64-unknown-linux-gnu processor=neoverse-n1 ;;
  x86_64) target=x86_64-unknown-linux-gnu processor=haswell ;;
  *) wrong "--arch is arm64 or x86_64, not $arch" ;;
esac
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$(dirname "$0")/.."

# Fetching runs no code of a package, and has no use for AWS either.
for name in $(compgen -e AWS_ || true); do unset "$name"; done

rustc --print target-libdir --target "$target" | xargs test -d ||
  { echo "the Rust target $target is not installed: rustup target add $target" >&2; exit 1; }
version=$(sed -n 's/^rustc //p' .ci/tools)
[[ $(rustc --version) == "rustc $version "* ]] ||
  echo "releases are built by rustc $version; $(rustc --version | cut -d' ' -f1,2) gives other bytes" >&2
python=$(scripts/python-env infra/requirements.txt)
cargo fetch --locked --quiet

# Where the packages, the compiler and the build lie is in no program. The checkout needs no line: cargo
# names its files from its root.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$PWD/target}
separator=$'\x1f'
flags=-Ctarget-cpu=$processor
flags+=$separator--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo
flags+=$separator--remap-path-prefix=$(rustc --print sysroot)=/rust
flags+=$separator--remap-path-prefix=$CARGO_TARGET_DIR=/target
# For what asks for the time: the first moment that a zip can name.
export CARGO_ENCODED_RUSTFLAGS=$flags SOURCE_DATE_EPOCH=315532800 PATH=$python/bin:$PATH

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
functions=(query-handler data-management-handler read-handler)
# zig links against the C library of Amazon Linux 2023, which may be older than this machine's.
scripts/without-credentials cargo lambda build --release --locked --target "$target.2.34" \
  "${functions[@]/#/--bin=}" --output-format binary --lambda-dir "$scratch"
echo "for $arch:"
for name in "${functions[@]}"; do
  python3 scripts/pack.py "$scratch/$name/bootstrap" "$out/$name.zip"
done
