"""Everything done the obvious way: what the fast forms are compared with."""
