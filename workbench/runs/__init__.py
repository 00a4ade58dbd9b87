"""Run folders: the journal, checkpoints, liveness, and what can be done with finished runs."""
