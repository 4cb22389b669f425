"""What every app of the server shares: environment, events, request ids, logging, the Timescale base model."""
