"""Randomised assignment of catch trials: draws that a seed and a counter decide, so that a replay draws the same."""

from __future__ import annotations

import hashlib


def uniform_draw(seed: int, *which: str | int) -> float:
    """Return a number in [0, 1), uniform over what `which` names; the same for the same arguments on any machine."""
    digest = hashlib.blake2b(repr((seed, *which)).encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / (1 << 53)
