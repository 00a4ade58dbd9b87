"""Pretraining the bundled base models on the pocket world: recipe, batches, the run, and its report."""
