"""Policies, violations and compliance. Not roles and permissions (identity)."""
