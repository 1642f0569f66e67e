#!/bin/sh
# usage: python.sh FOLDER; installs the Python client, as requirements.txt names it, into FOLDER.
set -eu
from=$(dirname "$(realpath "$0")")
if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
	echo "The tests with the Python client need venv; install it and try again:" \
		"sudo apt-get install python3-venv" >&2
	exit 1
fi
rm -rf "$1/venv"
python3 -m venv "$1/venv"
"$1/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$from/requirements.txt"
cp "$from/requirements.txt" "$1/installed.txt"
