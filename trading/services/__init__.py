"""What TITAN does, one service a topic; only this room calls the engine."""
