"""Pretraining the bundled base models on the pocket world: recipe, packing, the run, and its report."""
