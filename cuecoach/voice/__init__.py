"""Makes cues heard: words are rendered before the session and played by a process of their own."""
