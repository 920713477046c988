"""What the voice is worth, on a real sound server."""
