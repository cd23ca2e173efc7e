"""Refusals of the market."""

from toolmarket.kit.problems import Conflict, Forbidden, NotFound


class ListingNotFound(NotFound):
    code, title = "listing-not-found", "There is no such tool in the market that you may see."


class DraftIncomplete(Conflict):
    code, title = "draft-incomplete", "The draft has problems that must be mended first."


class ReviewNeedsUse(Forbidden):
    code, title = "review-needs-use", "Only organisations that ran the tool may review it."
