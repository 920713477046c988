"""Calibration of a runner before one camera: steady offsets of thigh and shank, found in stills or in standing.

`offsets.Calibration` is what travels; `points` and `standing` make one, `placement` says whether it still fits.
"""
