"""The lot: chances that a seed and a counter decide, so that a replay draws the same, bit for bit, on any machine."""

from __future__ import annotations

import hashlib


def assigned_share(seed: int, *which: str | int) -> float:
    """Return a number in 0..1, evenly spread over what `which` names; the same for the same arguments, always."""
    digest = hashlib.blake2b(repr((seed, *which)).encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / (1 << 53)
