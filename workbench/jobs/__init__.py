"""Who does the work: a warm parent that forks a worker for each job, and the fair queue before it."""
