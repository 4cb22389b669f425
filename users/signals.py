"""What happens to people that other rooms act on; sent inside the transaction that makes it so."""

from django.dispatch import Signal

__all__ = ["access_changed", "access_ended"]

# user=, reason=, keep=: every sign-in of this person ends, but the session of this id where one is given.
access_ended = Signal()
# user=: what this person may do has changed; open sockets look again.
access_changed = Signal()
