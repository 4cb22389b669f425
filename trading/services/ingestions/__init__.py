"""The parts of bringing in a file: keeping it, running its job, describing it, measuring what is stored."""
