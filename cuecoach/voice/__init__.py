"""VOICE: decisions to sound. Rendered ahead in a child process, played from a process of its own; never stops a frame."""
