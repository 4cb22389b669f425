"""The server of `titan up` without its set-up: ``python -m tests.services.serve PORT``."""

import sys

import django

if __name__ == "__main__":
    django.setup()
    from trading.management.server import listen, serve

    serve(listen("127.0.0.1", int(sys.argv[1])), when_listening=lambda: None)
