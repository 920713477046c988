"""SOURCE: where pictures come from. Every source gives frames (or sightings, from a recording) with their own times."""
