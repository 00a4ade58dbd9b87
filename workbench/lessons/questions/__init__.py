"""The questions of each lesson: one file a lesson, answers computed from the package or kept as digests."""
