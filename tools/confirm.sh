#!/bin/sh
# Ask $1 and succeed only on a typed "yes"; without a terminal the answer is no.
set -eu
if [ ! -t 0 ]; then echo "$1  No terminal to ask on: nothing was deleted." >&2; exit 1; fi
printf '%s Type yes: ' "$1"
read -r answer
[ "$answer" = yes ] || { echo "Nothing was deleted."; exit 1; }
