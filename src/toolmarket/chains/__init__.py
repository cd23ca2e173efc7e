"""Durable flows over several tools. Not the single run (runtime)."""
