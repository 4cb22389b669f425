"""WebSockets: three doors, one protocol, one hub a process."""
