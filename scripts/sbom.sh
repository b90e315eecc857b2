#!/usr/bin/env bash
# Writes what the three functions are made of into OUT, as CycloneDX (JSON): every crate with version, hash
# and licence. Usage: sbom.sh [--arch arm64|x86_64] OUT
#
# They are one crate's programs, so one list holds for all three. It has a few crates that only other
# programs of the workspace use, since cargo chooses features for all of them together.
set -euo pipefail
usage() { echo "Usage: scripts/sbom.sh [--arch arm64|x86_64] OUT" >&2; exit 2; }
arch=arm64
if [ "${1:-}" = --arch ]; then
  arch=${2:-}
  shift 2
fi
[ $# = 1 ] || usage
case $arch in
  arm64) target=aarch64-unknown-linux-gnu ;;
  x86_64) target=x86_64-unknown-linux-gnu ;;
  *) usage ;;
esac
mkdir -p "$(dirname "$1")"
out=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
cd "$(dirname "$0")/.."
.ci/tool cargo-cyclonedx

# It writes a file beside the manifest of each crate, and can do no other.
name=sbom-$$
trap 'rm -f crates/*/"$name.json"' EXIT
# No time and no path of this machine: the same commit gives the same list.
SOURCE_DATE_EPOCH=315532800 cargo cyclonedx --quiet --manifest-path crates/lambda/Cargo.toml --target "$target" \
  --format json --spec-version 1.5 --override-filename "$name"
sed "s|file://$PWD|file:///drs-inventory|g" "crates/lambda/$name.json" > "$out"
