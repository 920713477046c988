"""POSE: pictures to landmarks. One adapter for MediaPipe, where its model comes from, and who of several is the runner."""
