"""Accounts: signing in, second factors, invitations, administration."""
