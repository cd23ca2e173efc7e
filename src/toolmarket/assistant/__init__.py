"""Words become configuration. Not the model providers themselves (knowledge)."""
