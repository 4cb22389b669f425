"""The server's frame: settings, routing, database router, console entry."""
