"""One run of one operation, whoever asks: resolve, check, execute, record; the REST and MCP
gateways. Not chains over several tools (chains).
"""
