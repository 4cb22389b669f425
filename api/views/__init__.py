"""What answers each route, one module a topic; the work is the services'."""
