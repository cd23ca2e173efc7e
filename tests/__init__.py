"""The proof: unit, integration, security, browser, conformance, corpus and performance."""
