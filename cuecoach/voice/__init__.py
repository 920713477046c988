"""VOICE: decisions to sound. Rendered ahead in a child process, played from another; never stops a frame."""
