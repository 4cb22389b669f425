"""What the API reads and writes, one module a topic."""
