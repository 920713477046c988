"""The virtual runner: runs by measured curves, shows faults on demand, is drawn, hears cues and answers to them."""
