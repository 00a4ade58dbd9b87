"""The index of all runs: one SQLite file, made from the run folders and kept in step with their journals."""
