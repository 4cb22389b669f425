"""People: accounts, roles, preferences."""
