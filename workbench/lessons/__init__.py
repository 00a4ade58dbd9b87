"""The course's frame: budgets, races in the kernel, exercises that check themselves, and the notebooks' twins."""
