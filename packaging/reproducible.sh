#!/bin/sh
# Builds the release twice from the last commit, in two folders with nothing kept between, and compares.
# Usage: packaging/reproducible.sh   (needs git; takes twice as long as a first build)
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d "${TMPDIR:-/tmp}/maru-twice-XXXXXX")
trap 'rm -rf "$work"' EXIT
for n in one two; do
	git clone -q . "$work/$n/maru"
	(cd "$work/$n/maru" && CARGO_TARGET_DIR="$work/$n/target" ./packaging/release.sh "$work/$n/out")
done
if cmp "$work"/one/out/*.tar.zst "$work"/two/out/*.tar.zst; then
	echo "reproducible: both are the same"
else
	echo "reproducible: they differ" >&2
	exit 1
fi
