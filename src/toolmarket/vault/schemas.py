"""Shapes of sealed credentials."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Injection:
    """A credential as it is put into a request; it never reaches a log, a trace or an answer.

    `secrets` are the literal strings to look for in whatever comes back.
    """

    headers: dict[str, str] = field(default_factory=dict, repr=False)
    query: dict[str, str] = field(default_factory=dict, repr=False)
    cookies: dict[str, str] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
