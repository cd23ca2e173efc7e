"""Refusals of billing."""

from toolmarket.kit.problems import TooManyRequests, Unprocessable


class RateReached(TooManyRequests):
    code, title = "rate-reached", "The limit of calls in a minute is reached."


class QuotaReached(TooManyRequests):
    code, title = "quota-reached", "The quota of calls in this month is used up."


class LimitsInvalid(Unprocessable):
    code, title = "limits-invalid", "These limits contradict each other."
