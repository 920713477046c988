"""What the whole loop costs beside bare MediaPipe."""
