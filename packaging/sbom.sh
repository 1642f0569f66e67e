#!/bin/sh
# What is shipped, as CycloneDX: the crates of the binary and the packages of the web app.
# Usage: packaging/sbom.sh OUT
set -eu
cd "$(dirname "$0")/.."
out=$1
mkdir -p "$out"
host=$(rustc -vV | sed -n 's/^host: //p')
PATH="$(pwd)/target/tools/bin:$PATH" cargo cyclonedx --format json --describe binaries --target "$host" \
	--no-build-deps --spec-version 1.5 --quiet
mv maru_bin.cdx.json "$out/maru.cdx.json"
# It writes one beside every crate of the workspace.
git ls-files --others --exclude-standard '*.cdx.json' | xargs -r rm -f
(cd web && npm sbom --sbom-format cyclonedx --omit dev --package-lock-only) >"$out/maru-web.cdx.json"
node -e '
for (const path of process.argv.slice(1)) {
	const { bomFormat, components } = JSON.parse(require("fs").readFileSync(path, "utf8"))
	if (bomFormat !== "CycloneDX" || components.length === 0) throw new Error(path + " holds nothing")
	console.log(path + ": " + components.length + " components")
}' "$out"/*.cdx.json
