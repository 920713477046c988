"""Reference data, read-only: norms by speed, errors of measurement, mean stride curves, segment lengths."""
