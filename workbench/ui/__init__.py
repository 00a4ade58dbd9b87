"""The page: Gradio's shell, and islands of our own script where a form or a plot of Gradio's could not follow."""
