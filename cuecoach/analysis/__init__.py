"""From a session in the journal to numbers: summaries, fault statistics, effects of cues, trends, replay, labels."""
