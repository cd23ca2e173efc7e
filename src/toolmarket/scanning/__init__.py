"""Findings about a version: vulnerabilities, secrets, hostile descriptions. Not the decision over
them (marketplace, governance).
"""
