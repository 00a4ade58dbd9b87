"""What a person can pick, and what a pick would mean, as plain data: for the command line, the server and the pages."""
