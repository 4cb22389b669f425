#!/bin/sh
# Print a Python that can run TITAN: $PYTHON if set, else the machine's default where it is 3.11 to 3.13 (what is
# tested), else the newest of those, else any newer one. A candidate is started before it is believed: version
# managers leave names on the PATH that don't run.
set -eu

version() { "$1" -c 'import sys, venv, ensurepip, sqlite3; print("%d%02d" % sys.version_info[:2])' 2>/dev/null || echo 0; }

if [ -n "${PYTHON:-}" ]; then
    if [ "$(version "$PYTHON")" -ge 311 ]; then echo "$PYTHON"; exit 0; fi
    echo "PYTHON=$PYTHON is not a Python 3.11 or newer with venv and sqlite3. Name another one: make run PYTHON=/path/to/python3.12" >&2
    exit 1
fi
for candidate in python3 python3.13 python3.12 python3.11; do
    found=$(version "$candidate")
    if [ "$found" -ge 311 ] && [ "$found" -le 313 ]; then echo "$candidate"; exit 0; fi
done
for candidate in python3 python; do
    if [ "$(version "$candidate")" -ge 311 ]; then echo "$candidate"; exit 0; fi
done
cat >&2 <<'TEXT'
TITAN needs Python 3.11 or newer with its venv module, and found none on the PATH.
  Debian, Ubuntu:  sudo apt-get install python3 python3-venv
  macOS:           brew install python@3.12
  elsewhere:       install Python 3.12 from your system's packages, or name one: make run PYTHON=/path/to/python3.12
TEXT
exit 1
