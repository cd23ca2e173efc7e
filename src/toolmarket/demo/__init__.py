"""Demo organisations, tools and their upstream, made through the same doors that people use.
Nothing else may depend on it.
"""
