"""Sealed credentials of outside services: the only room that decrypts. Not sign-in of our own
users (identity).
"""
