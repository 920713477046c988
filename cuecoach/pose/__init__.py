"""POSE: pictures to landmarks. The protocol of a pose backend, MediaPipe, its model file, and who is the runner."""
