#!/bin/sh
# One static binary for this architecture with what belongs to it, as maru-VERSION-ARCH-linux.tar.zst, with
# checksums. Usage:
#   packaging/release.sh [OUT]            (target/release-files)
#   packaging/release.sh --binary FILE    the binary alone
#
# The same sources give the same bytes, wherever they lie: paths are taken out, times are those of the
# last commit. PROFILE=release builds faster than the dist profile and gives a larger binary.
set -eu
cd "$(dirname "$0")/.."
here=$(pwd)
profile=${PROFILE:-dist}
cargo=${CARGO:-cargo}
target_dir=${CARGO_TARGET_DIR:-target}
host=$(rustc -vV | sed -n 's/^host: //p')

SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH
home=${CARGO_HOME:-$HOME/.cargo}
# Build scripts and macros are built for the host and stay dynamic, because a target is named.
flags="-C target-feature=+crt-static --remap-path-prefix=$here=/maru --remap-path-prefix=$home=/cargo"
flags="$flags --remap-path-prefix=$target_dir=/target"
map="-ffile-prefix-map=$here=/maru -ffile-prefix-map=$home=/cargo -ffile-prefix-map=$target_dir=/target"
RUSTFLAGS="$flags" CFLAGS="${CFLAGS:-} $map" CXXFLAGS="${CXXFLAGS:-} $map" \
	$cargo build --locked --profile "$profile" --target "$host" --bin maru
binary=$target_dir/$host/$profile/maru
[ "$profile" != dev ] || binary=$target_dir/$host/debug/maru
if ldd "$binary" >/dev/null 2>&1 && ! ldd "$binary" | grep -q "statically linked"; then
	echo "release: $binary is not static:" >&2
	ldd "$binary" >&2
	exit 1
fi
if [ "${1:-}" = --binary ]; then
	mkdir -p "$(dirname "$2")"
	install -m 755 "$binary" "$2"
	exit 0
fi

out=${1:-target/release-files}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
name=maru-$version-${host%%-*}-linux
rm -rf "${out:?}/$name" && mkdir -p "$out/$name"
install -m 755 "$binary" "$out/$name/maru"
install -m 644 LICENSE CHANGELOG.md README.md packaging/maru.service packaging/maru.socket \
	packaging/maru-http.socket packaging/maru.sysusers packaging/maru.toml "$out/$name/"
install -m 644 packaging/README.md "$out/$name/OPERATING.md"
cd "$out"
# Names in order, nobody's, of one time: the same archive from the same files.
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -cf - "$name" |
	zstd -q -19 -T1 -f -o "$name.tar.zst"
rm -rf "$name"
sha256sum "$name.tar.zst" >SHA256SUMS
cat SHA256SUMS
