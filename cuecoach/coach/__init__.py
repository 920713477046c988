"""Coach, pure: strides in, decisions out. No clock, no thread, no file; what it knows is passed in.

`factory.make_coach` makes a coach for a session, `scheduler.Coach.step` decides. Nothing is imported here: settings are
wanted without the rest, which loads slowly.
"""
