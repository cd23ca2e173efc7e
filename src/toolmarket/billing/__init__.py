"""Meters, limits, plans and the ledger: reserve before a call, settle or release after it. Not the
analytics of usage.
"""
