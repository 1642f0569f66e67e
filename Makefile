# Two commands matter: `make run` and `make test`. Both work on a fresh Debian 12 with Rust,
# Node.js (20.19 or newer), npm, make and gcc; as root they install what else they need.

CARGO ?= cargo
NPM ?= npm
DATA_DIR ?= ./maru-data
LISTEN ?= 127.0.0.1:8080
FUZZ_S ?= 30

.PHONY: help run build dist test test-rust test-web test-browser needs-browser needs-python needs-redis needs-pebble needs-s3 test-s3 cluster-faults cluster-growth bench faults fuzz fmt deb deb-test deny sbom release reproducible containers licenses openapi

help:
	@echo "make run             build everything and serve on http://$(LISTEN), history in $(DATA_DIR)"
	@echo "make test            format, lints, documentation, all tests, also in a real browser"
	@echo "make bench           load a server of its own and print the figures (HISTORY=FILE imports it first)"
	@echo "make test-s3         replication into a bucket of a real server, killed in the middle"
	@echo "make cluster-faults  three nodes, one Redis, fifty faults in a row (minutes)"
	@echo "make cluster-growth  what one Redis costs and how far it carries (a minute)"
	@echo "make faults          damage, kill and starve a server of its own for ten minutes"
	@echo "make fmt             format all sources"
	@echo "make fuzz            every decoder with bytes that nobody meant, FUZZ_S=30 seconds each"
	@echo "make deny            licences and advisories of all crates"
	@echo "make sbom            what is in the binary and in the web app (target/sbom/*.cdx.json)"
	@echo "make release         one static binary, packed, with checksums (target/release-files)"
	@echo "make reproducible    that twice, from nothing, and compared"
	@echo "make containers      the files for containers, as far as they can be read without any"
	@echo "make deb             build a Debian package (target/debian/*.deb)"
	@echo "make deb-test        install, run, upgrade, remove and purge it here, as root"

# The binary's build script builds the web app too.
build:
	$(CARGO) build --release --locked

# What packages carry: slower to build, a little faster to run.
dist:
	$(CARGO) build --profile dist --locked

run: build
	./target/release/maru serve --data-dir $(DATA_DIR) --listen $(LISTEN)

test: test-rust test-web test-browser
	@echo "make test: all is well"

test-rust: needs-python needs-redis needs-pebble
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps --document-private-items
	@if $(CARGO) nextest --version >/dev/null 2>&1; then \
		set -x; $(CARGO) nextest run --locked --workspace; \
	else \
		set -x; $(CARGO) test --locked --workspace --lib --test it; \
	fi

# The build script may have installed the packages already: npm keeps the stamp file.
web/node_modules/.package-lock.json: web/package-lock.json
	cd web && $(NPM) ci --no-audit --no-fund
	@touch $@

test-web: web/node_modules/.package-lock.json
	cd web && $(NPM) run --silent format:check
	cd web && $(NPM) run --silent lint
	cd web && $(NPM) run --silent check
	cd web && $(NPM) test --silent

# Against the binary that the Rust tests used: nothing is built twice.
test-browser: needs-browser web/node_modules/.package-lock.json
	$(CARGO) build --locked
	cd web && MARU_BIN="$(CURDIR)/target/debug/maru" $(NPM) run --silent e2e

# The Redis port is compared with the real one, and tried with its own tools.
needs-redis:
	@if ! command -v redis-server >/dev/null 2>&1 || ! command -v redis-cli >/dev/null 2>&1; then \
		if [ "$$(id -u)" = 0 ]; then \
			apt-get update -qq && \
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
				redis-server redis-tools; \
		else \
			echo "The tests of the Redis port need a real one; install it and run make test again:" \
				"sudo apt-get install redis-server redis-tools" >&2; \
			exit 1; \
		fi; \
	fi

# Certificates are got from a server that refuses numbers and looks at ports, as Let's Encrypt does.
needs-pebble:
	@if ! command -v pebble >/dev/null 2>&1; then \
		if [ "$$(id -u)" = 0 ]; then \
			apt-get update -qq && \
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends pebble; \
		else \
			echo "The tests of certificates need pebble; install it and run make test again:" \
				"sudo apt-get install pebble" >&2; \
			exit 1; \
		fi; \
	fi

# A bucket's server that looks at signatures, installed beside the build.
target/tools/bin/s3s-fs:
	$(CARGO) install s3s-fs --version 0.14.1 --locked --features binary --root target/tools

needs-s3:
	@command -v s3s-fs >/dev/null 2>&1 || $(MAKE) --no-print-directory target/tools/bin/s3s-fs

needs-browser:
	@if ! command -v chromium >/dev/null 2>&1; then \
		if [ "$$(id -u)" = 0 ]; then \
			apt-get update -qq && \
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
				chromium fonts-noto-cjk; \
		else \
			echo "The browser tests need Chromium; install it and run make test again:" \
				"sudo apt-get install chromium fonts-noto-cjk" >&2; \
			exit 1; \
		fi; \
	fi

# For the tests with the Python client, which installs itself beside the build.
needs-python:
	@if ! python3 -c 'import venv, ensurepip' >/dev/null 2>&1; then \
		if [ "$$(id -u)" = 0 ]; then \
			apt-get update -qq && \
			DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
				python3 python3-venv; \
		else \
			echo "The tests with the Python client need venv; install it and run make test again:" \
				"sudo apt-get install python3-venv" >&2; \
			exit 1; \
		fi; \
	fi

# MARU_FAULTS_SEED=n chooses another fifty.
# The bucket's server takes minutes to compile, so its tests are apart.
test-s3: needs-s3
	$(CARGO) test --locked --test it -- --ignored --nocapture operate::s3

cluster-faults: needs-redis
	$(CARGO) test --locked --test it -- --ignored --nocapture fifty_faults

cluster-growth: needs-redis
	$(CARGO) test --locked --test it -- --ignored --nocapture what_one_redis_carries

bench: dist
	packaging/bench.sh ./target/dist/maru $(HISTORY)

# By hand: kills, torn and flipped files, a disk and a clock that fail, readers that do not read.
# FAULTS="--flips 2000" or FAULTS="--only kill" change what is done.
faults:
	$(CARGO) build --locked
	node tests/faults/main.mjs --bin target/debug/maru $(FAULTS)

# Bytes that nobody meant, for every decoder: half a minute each, or FUZZ_S. What brings something down
# is kept in tests/fuzz/seeds and tried by make test from then on.
fuzz:
	MARU_FUZZ_S=$(FUZZ_S) $(CARGO) test --locked --test it -- --ignored --nocapture for_a_fixed_time

fmt:
	$(CARGO) fmt
	cd web && $(NPM) run --silent format

# cargo-deb is installed beside the build, not into the system.
target/tools/bin/cargo-deb:
	$(CARGO) install cargo-deb --locked --root target/tools

deb: dist target/tools/bin/cargo-deb
	PATH="$(CURDIR)/target/tools/bin:$$PATH" $(CARGO) deb --profile dist --no-build
	@ls target/debian/*.deb

# Installs, runs, upgrades, removes and purges it on this machine, as root.
deb-test: deb
	packaging/test-deb.sh target/debian/*.deb

# One static binary, packed, with checksums: packaging/release.sh says how.
release: sbom
	packaging/release.sh target/release-files
	cp target/sbom/*.cdx.json target/release-files/
	cd target/release-files && sha256sum *.tar.zst *.cdx.json >SHA256SUMS

reproducible:
	packaging/reproducible.sh

# CycloneDX: crates of the binary, packages of the web app. Only what is shipped.
target/tools/bin/cargo-cyclonedx:
	$(CARGO) install cargo-cyclonedx --locked --root target/tools

sbom: target/tools/bin/cargo-cyclonedx
	packaging/sbom.sh target/sbom

# No container is built or run: the files are read as those who run containers read them.
containers:
	cd packaging/containers && $(NPM) ci --silent --no-audit --no-fund && node check.mjs

# Licences, advisories and sources of all crates; it fetches the list of advisories, unless
# DENY=--offline says that the one fetched before is to be used.
target/tools/bin/cargo-deny:
	$(CARGO) install cargo-deny --locked --root target/tools

deny: target/tools/bin/cargo-deny
	PATH="$(CURDIR)/target/tools/bin:$$PATH" $(CARGO) deny $(DENY) check

licenses: web/node_modules/.package-lock.json
	node packaging/licenses.mjs

# The API's document and the web app's types, after a change of the API.
openapi: web/node_modules/.package-lock.json
	MARU_WRITE_OPENAPI=1 $(CARGO) test --locked --test it -- the_checked_in_document
	cd web && $(NPM) run --silent schema
