"""Generated from openapi.json by tools/python_client.py; not edited."""
