"""The MCP endpoint: a raw ASGI callable for the frequent messages of both eras, the SDK's server for
the rest. It decides nothing: who asks, what there is and how a call runs come through its ports.
"""
