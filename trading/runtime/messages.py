"""What lies in the broker and is no message of ours: set aside, logged and counted, so that it ends no worker.

Rows own the jobs, so nothing is lost with it. Left to themselves the errors end the worker.
"""

import logging
import uuid
from importlib import import_module
from typing import Any

from django.conf import settings

from common.redis import client, prefix

__all__ = ["counted", "is_envelope", "set_aside", "tolerate"]

logger = logging.getLogger(__name__)

_COUNT = prefix("jobs") + "set-aside"


def set_aside() -> None:
    """Count one and say so; a broker that can't count is no reason to fail."""
    try:
        n = int(client().incr(_COUNT))
    except Exception:
        logger.warning(
            "a message that no worker can read was set aside, and could not be counted", exc_info=True
        )
    else:
        logger.warning("a message that no worker can read was set aside, the %s. of this broker", n)


def counted() -> int | None:
    """How many were set aside since Redis was last emptied; None where there is no Redis, or it does not answer."""
    if settings.EMBEDDED or settings.ENVIRONMENT.redis_url is None:
        return None
    try:
        return int(client().get(_COUNT) or 0)
    except Exception:
        logger.warning("Redis could not be asked what was set aside", exc_info=True)
        return None


def tolerate() -> None:
    """Have the transport hand on whatever lies in a queue: as a message of nothing where it is none."""
    broker: Any = import_module("kombu.transport.redis")
    virtual: Any = import_module("kombu.transport.virtual")
    parse: Any = import_module("kombu.utils.json").loads
    body_of, deliver = virtual.Channel.decode_body, virtual.Transport._deliver

    def loads(text: Any, *arguments: Any, **options: Any) -> Any:
        """What JSON says; None where it is none."""
        try:
            return parse(text, *arguments, **options)
        except Exception:
            logger.warning("what lay in the broker is no JSON", exc_info=True)
            return None

    def decode_body(channel: Any, body: Any, encoding: str | None = None) -> Any:
        """The body of a message; nothing of one that can't be decoded."""
        try:
            return body_of(channel, body, encoding)
        except Exception:
            logger.warning("the body of a message can't be decoded", exc_info=True)
            return ""

    def _deliver(transport: Any, message: Any, queue: str) -> Any:
        """Hand on a message, or one of nothing, which the consumer then refuses."""
        return deliver(transport, message if is_envelope(message) else _nothing(queue), queue)

    broker.loads = loads
    broker.Channel.decode_body = decode_body
    broker.Transport._deliver = _deliver


def is_envelope(found: Any) -> bool:
    """Whether it has what the transport looks for in a message before anybody can refuse it."""
    match found:
        case {
            "properties": {
                "delivery_tag": str(),
                "delivery_info": {"exchange": str(), "routing_key": str()},
            }
        }:
            return isinstance(found.get("headers"), dict | None)
    return False


def _nothing(queue: str) -> dict[str, Any]:
    return {
        "body": "",
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {},
        "properties": {
            "delivery_tag": str(uuid.uuid4()),
            "delivery_info": {"exchange": "", "routing_key": queue},
        },
    }
