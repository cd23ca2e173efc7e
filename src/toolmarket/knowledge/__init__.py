"""Documents, embeddings, model providers and citations. Not the search over tools (marketplace)."""
