"""A small pack that is in order, for tests that change one thing in it."""

GOOD = """format = 1
id = "mine"
name = "Mine"
language = "en"
school = "My school."
for_whom = "My runners."
speeds_mps = [2.5, 5]
focus_order = ["lazy-heel", "asymmetric-heel"]
praise = ["good"]
cautions = ["Warm up first."]
sources = ["Me."]

[cues.lazy-heel]
long = "pull under, don't flick"
short = "pull under"
[cues.asymmetric-heel]
long = "pull the {side} as well"
short = "{side} too"
focus = "internal"

[ignored_faults]
flick = "Not here."

[faults.lazy-heel]
needed = 1
[faults.lazy-heel.limits]
knee_peak_swing_deg = { below = "norm - 12", release = "norm - 8" }

[[drills]]
name = "Drill"
how = "Do it."
dose = "Once."
"""
