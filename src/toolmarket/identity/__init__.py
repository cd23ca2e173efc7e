"""Organisations, people, roles, sessions and API keys, and the one question `may this actor do
that`. Not the credentials of outside services (vault) and not rules over calls (governance).
"""
