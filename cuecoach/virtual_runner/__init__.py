"""ATHLETE: the virtual runner. Runs by measured curves, shows faults on demand, is drawn, hears cues and answers."""
