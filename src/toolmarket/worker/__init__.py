"""The job process. No rules."""
