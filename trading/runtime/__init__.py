"""The embedded runtime: one warm child for jobs, watched by a thread of the server that also sweeps and schedules."""
