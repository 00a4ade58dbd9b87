"""Training: build a tuned model, run the loop, race several runs, evaluate and generate."""
