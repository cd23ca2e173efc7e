"""Who did what, tamper-evident: events written in the business transaction, chained per
organisation over their ciphertext. Not a log of the program and not a usage meter.
"""
