#!/bin/sh
# Make the virtual environment $1, or keep the one that is there if its Python and pip still run.
set -eu
venv=$1
if "$venv/bin/python" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then exit 0; fi
python=$(tools/find_python.sh)
echo "· virtual environment in $venv ($("$python" --version))"
"$python" -m venv --clear "$venv"
