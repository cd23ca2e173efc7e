"""OpenAPI documents, MCP servers and other descriptions become a draft manifest with a report. Not
the editing of it (builder).
"""
