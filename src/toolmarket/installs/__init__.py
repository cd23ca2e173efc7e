"""A tool in an organisation: pinned version, configuration, credential bindings, alias, toolsets.
Not the calls to it (runtime).
"""
