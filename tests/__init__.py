"""TITAN's tests: the engine, the web layer, the services, the whole path in a browser."""
