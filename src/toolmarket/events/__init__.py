"""What happened, told to others: the outbox of the business transaction and the live stream over
it. Not a job queue and not the audit trail.
"""
