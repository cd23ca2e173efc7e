"""The command line: starts and drives everything. No rules."""
