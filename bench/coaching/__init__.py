"""What the coach is worth, on thousands of simulated sessions."""
