"""Words to clips: speech engines in a child process, recordings of the coach, checks and cache."""
