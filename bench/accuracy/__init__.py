"""How good the measurement is, against labelled films, motion capture and the virtual runner."""
