"""Failures, patterns and advice. Not the metrics (analytics)."""
