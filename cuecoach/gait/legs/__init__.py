"""From pose frames to legs: which seen leg is which, which frames to believe, and what stands in for the rest.

`tracker.LegTracker` is the entry.
"""
