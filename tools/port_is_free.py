"""Exit with words if TITAN's address is taken, before set-up spends anyone's time."""

import os
import socket
import sys


def main() -> int:
    """Bind once to TITAN_HOST:TITAN_PORT and let go."""
    host, text = os.environ.get("TITAN_HOST") or "127.0.0.1", os.environ.get("TITAN_PORT") or "8000"
    if not text.isdigit() or not 0 <= int(text) <= 65535:
        print(f"TITAN_PORT is {text!r}; give a number from 1 to 65535.", file=sys.stderr)
        return 1
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # as the server does: a port that only waits for old connections to fade is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(text)))
        except OSError as error:
            print(
                f"{host}:{text} can't be used ({error.strerror}): is TITAN already running there?",
                file=sys.stderr,
            )
            print(
                f"  Stop what uses it, or take another port: TITAN_PORT={int(text) + 1} make run",
                file=sys.stderr,
            )
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
