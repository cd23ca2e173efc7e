"""Metrics, trends and cost from recorded runs. Not the recording itself (runtime)."""
