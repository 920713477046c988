"""COACH, pure: strides in, decisions out. No clock, no thread, no file, no other room but gait's strides and norms.

`opening.make_coach` is the way in, `packfile.parse_pack` that of a pack. Nothing is imported here: settings and packs
are wanted without the rest, which loads slowly.
"""
