"""What the benchmarks of the platform run beside its servers: ``benchmarks.platform_process data|publish``.

Both print one JSON object. ``data`` makes what the REST benchmark reads. ``publish`` makes a user and then, told
"<messages> <seconds between>" on its input, events for that user: a worker's part, in a process that is no server.
"""

import json
import os
import sys
from time import monotonic

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.platform_settings")


def main(what: str) -> None:
    """Do one of the two."""
    import django

    django.setup()
    if what == "data":
        from benchmarks import api_data

        print(json.dumps(api_data.make()), flush=True)
        return
    from api import tokens
    from benchmarks.api_socket_server import PADDING, make
    from common import events
    from users.models import User
    from users.roles import Role

    user = User.objects.create_with_role("listener", role=Role.TRADER, password="not asked for")
    print(json.dumps({"token": tokens.issue(user)["access"]}), flush=True)
    make(lambda: events.publish(f"user_{user.pk}", "job_update", {"made": monotonic(), "padding": PADDING}))


if __name__ == "__main__":
    main(sys.argv[1])
