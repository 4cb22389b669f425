"""A server for the REST benchmark, the embedded one with bare views beside: ``benchmarks.api_serve PORT``."""

import json
import os
import sys

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.api_settings"


def main(port: int) -> None:
    """Make the data, say which ids it has, and serve until the parent closes our input."""
    import django

    django.setup()
    from benchmarks import api_data

    ids = api_data.make()
    import uvicorn

    from titan.asgi import application

    print(json.dumps(ids), flush=True)
    uvicorn.run(
        application, host="127.0.0.1", port=port, log_level="warning", access_log=False, lifespan="off"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
