"""What benchmarks measure on: labelled films, motion capture seen by a simulated camera, drawn runners."""
