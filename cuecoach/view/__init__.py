"""What the runner and the coach see live."""
