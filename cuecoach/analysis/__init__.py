"""From a kept session to numbers: summaries, fault statistics, effects of cues, replay, labels."""
