"""POSE: pictures to landmarks. Where the model comes from, one adapter for MediaPipe, and who is the runner."""
