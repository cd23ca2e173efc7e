"""Listings, publishing, search, moderation and reviews. Not the installed tool (installs)."""
