"""Refusals of analytics."""

from toolmarket.kit.problems import Unprocessable


class RangeInvalid(Unprocessable):
    code, title = "range-invalid", "The time range ends before it begins, or is too long."
