#!/bin/sh
# Say in words what is missing before anything is downloaded: Python, Node, and with --port a free port.
set -eu
cd "$(dirname "$0")/.."

if [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null; then python=.venv/bin/python; else python=$(tools/find_python.sh); fi

node_major=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
if [ "${node_major:-0}" -lt 20 ] || ! command -v npm >/dev/null; then
    echo "TITAN needs Node 20 or newer with npm to build its browser application; found: $(node --version 2>/dev/null || echo none)." >&2
    echo "  Install it from your system's packages or with a version manager (nvm, fnm, asdf), then type the command again." >&2
    exit 1
fi

if [ "${1:-}" = "--port" ]; then exec "$python" tools/port_is_free.py; fi
