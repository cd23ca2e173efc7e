"""Tools and their immutable versions: the manifest, its digests, its operations, compatibility.
Not how a tool is presented (marketplace) or used (installs).
"""
