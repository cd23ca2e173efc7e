"""Adapters that perform calls of one kind of implementation each, behind `schemas.Executor`."""
