"""Schema history of the API."""
