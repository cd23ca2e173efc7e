"""SynapseAI Tool Marketplace: APIs, MCP servers and small code steps as governed tools for agents."""

__version__ = "0.1.0"
