"""Settings trio: ``base`` is shared, ``development`` is the embedded server, ``production`` refuses what is unsafe."""
