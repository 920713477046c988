"""CueCoach: a real-time running-cue trainer. Only the version lives here."""

__version__ = "0.1.0"
