"""`python -m cuecoach`: the same command line, where the `cuecoach` script is not on the path."""

from cuecoach.cli import main

if __name__ == "__main__":
    main()
