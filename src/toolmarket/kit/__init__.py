"""What every room needs and no room owns: database sessions and roles, problems, the actor,
settings, paging, guarded egress, child processes, clock. No domain.
"""
