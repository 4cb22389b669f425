"""The trading domain: reference data, scans, pairs, jobs, and the services that call the engine."""
