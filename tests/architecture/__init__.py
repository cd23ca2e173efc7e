"""What the habits of the project promise, read from the sources."""
