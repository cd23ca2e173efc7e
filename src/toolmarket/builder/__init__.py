"""Drafts: the editable document that becomes a version, its preview and its scenarios. Not the
published version (catalog).
"""
