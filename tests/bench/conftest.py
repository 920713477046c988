"""The benchmark's own modules, which are scripts beside the package and not part of it."""

from __future__ import annotations
