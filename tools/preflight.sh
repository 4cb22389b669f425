#!/bin/sh
# Say in words what is missing before anything is downloaded: Python, Node, and with --port a free port.
set -eu
cd "$(dirname "$0")/.."

if [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null; then python=.venv/bin/python; else python=$(tools/find_python.sh); fi

# the bundler's own floor within Node 20
node=$(node --version 2>/dev/null || echo none)
enough=$(echo "$node" | awk -F '[v.]' '{print ($2 > 20 || ($2 == 20 && $3 >= 19)) ? "yes" : "no"}')
if [ "$enough" = no ] || ! command -v npm >/dev/null; then
    echo "TITAN needs Node 20.19 or newer with npm to build its browser application; Node found: $node." >&2
    echo "  Install it from your system's packages or with a version manager (nvm, fnm, asdf), then type the command again." >&2
    exit 1
fi

if [ "${1:-}" = "--port" ]; then exec "$python" tools/port_is_free.py; fi
