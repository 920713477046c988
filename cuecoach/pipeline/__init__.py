"""Source, pose and gait as one line: for the session, for measuring a film, for the camera check."""
