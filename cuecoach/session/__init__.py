"""The live session: the loop, how its parts are opened, and what is counted."""
