"""Shows the runner and the coach the session while it runs."""
