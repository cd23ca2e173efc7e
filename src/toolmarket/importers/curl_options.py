"""The options of curl: which take a value, and what they mean for a request.

Source:
    The manual page of curl 8.17.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from toolmarket.importers import errors, naming
from toolmarket.importers.shell_words import Word

_SHORT = {
    "X": "request", "H": "header", "d": "data", "F": "form", "u": "user", "b": "cookie", "A": "user-agent",
    "e": "referer", "o": "output", "m": "max-time", "x": "proxy", "E": "cert", "T": "upload-file",
    "w": "write-out", "c": "cookie-jar", "D": "dump-header", "U": "proxy-user", "r": "range", "K": "config",
    "t": "telnet-option", "y": "speed-time", "Y": "speed-limit", "z": "time-cond", "C": "continue-at",
    "Q": "quote", "P": "ftp-port", "h": "help", "G": "get", "I": "head", "k": "insecure", "L": "location",
    "s": "silent", "S": "show-error", "v": "verbose", "i": "include", "f": "fail", "g": "globoff",
    "N": "no-buffer", "O": "remote-name", "n": "netrc", ":": "next",
}  # fmt: skip
VALUED = naming.word_set(
    """
    request header data data-ascii data-raw data-binary data-urlencode json form form-string user cookie
    user-agent referer url url-query output max-time connect-timeout proxy cert key cacert capath
    upload-file write-out cookie-jar dump-header proxy-user range config telnet-option speed-time
    speed-limit time-cond continue-at quote ftp-port retry retry-delay retry-max-time oauth2-bearer
    aws-sigv4 limit-rate max-redirs max-filesize resolve connect-to interface dns-servers proto
    proto-redir proto-default tls-max ciphers tls13-ciphers unix-socket abstract-unix-socket noproxy
    pinnedpubkey cert-type key-type pass variable stderr trace trace-ascii socks4 socks4a socks5
    socks5-hostname preproxy doh-url request-target proxy-header expect100-timeout keepalive-time
    local-port output-dir create-file-mode rate parallel-max happy-eyeballs-timeout-ms crlfile curves
    engine delegation service-name login-options sasl-authzid alt-svc hsts netrc-file etag-save
    etag-compare random-file proxy1.0 ip-tos vlan-priority haproxy-clientip ipfs-gateway
    """
)
_FLAGS_SHORT = frozenset("GIkLsSvifgNOn:#46012 3aBjJlMpqRVZ".replace(" ", ""))


@dataclass(frozen=True, slots=True)
class Option:
    """An option by its long name, or a URL where the name is `url`."""

    name: str
    value: str
    word: Word


def read(words: list[Word]) -> Iterator[Option]:
    """The options and URLs of a command, without its own name.

    Raises:
        DocumentBroken: an option lacks its value.
    """
    queue = list(reversed(words[1:]))
    plain = False
    while queue:
        word = queue.pop()
        text = word.text
        if plain or not text.startswith("-") or text == "-":
            yield Option("url", text, word)
        elif text == "--":
            plain = True
        elif text.startswith("--"):
            yield _long(word, queue)
        else:
            yield from _short(word, queue)


def _long(word: Word, queue: list[Word]) -> Option:
    name = word.text[2:]
    name = name.removeprefix("expand-")
    if name in VALUED:
        return Option(name, _value(word, queue), word)
    joined, equals, value = name.partition("=")
    if equals and joined in VALUED:
        return Option(joined, value, word)
    return Option(name, "", word)


def _short(word: Word, queue: list[Word]) -> Iterator[Option]:
    letters = word.text[1:]
    for position, letter in enumerate(letters):
        name = _SHORT.get(letter, letter)
        if name in VALUED:
            value = letters[position + 1 :] or _value(word, queue)
            yield Option(name, value, word)
            return
        if letter not in _FLAGS_SHORT:
            yield Option(f"unknown -{letter[:1]}", "", word)
        else:
            yield Option(name, "", word)


def _value(word: Word, queue: list[Word]) -> str:
    if not queue:
        raise errors.DocumentBroken(
            f"the option {word.text[:40]} has no value", line=word.line, column=word.column
        )
    return queue.pop().text
