"""cURL commands become operations; the credentials in them become auth schemes."""

import re
from dataclasses import dataclass, field
from urllib.parse import quote_plus, unquote

from toolmarket.importers import curl_options, errors, exchanges, sampled, shell_words
from toolmarket.importers.bodies import FORM
from toolmarket.importers.curl_options import Option
from toolmarket.importers.exchanges import Content, Exchange, Part
from toolmarket.importers.schemas import Imported
from toolmarket.importers.shell_words import Word

MOST_BYTES = 1_048_576
MOST_COMMANDS = 200
MOST_WORDS = 10_000
_DATA = {"data", "data-ascii", "data-raw", "data-binary", "data-urlencode", "json"}
_NEGOTIATED = {"digest", "ntlm", "negotiate", "anyauth", "aws-sigv4"}
_MEANT = _DATA | {
    "request", "header", "form", "form-string", "user", "cookie", "user-agent", "referer", "url", "url-query",
    "get", "head", "insecure", "oauth2-bearer", "cert", "key", "upload-file", "config", "next", "proxy-user",
    *_NEGOTIATED,
}  # fmt: skip

_QUIET = {
    "silent", "show-error", "location", "compressed", "verbose", "include", "fail", "globoff", "output",
    "no-buffer", "remote-name", "http1.1", "http2", "max-time", "connect-timeout", "write-out", "cookie-jar",
    "basic", "#",
}  # fmt: skip


@dataclass(slots=True)
class _Command:
    """What one command says."""

    word: Word
    urls: list[str] = field(default_factory=list)
    method: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    data: list[tuple[str, str]] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    query: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    user: str | None = None
    upload: bool = False


def import_curl(content: bytes) -> Imported:
    """Turn cURL commands, one or several, into a manifest. Commands of one method and path are one operation.

    Raises:
        DocumentBroken: a quote or an option is not complete, or there is no cURL command; with its place.
        DocumentTooLarge: more than 1 MiB, 200 commands or 10,000 words.
        DescriptionUnusable: no command calls an address.
    """
    if len(content) > MOST_BYTES:
        raise errors.DocumentTooLarge(f"{len(content):,} bytes; cURL commands may have {MOST_BYTES:,}.")
    commands = [words for words in shell_words.split(shell_words.utf8(content)) if _is_curl(words)]
    if not commands:
        raise errors.DocumentBroken("no command begins with `curl`", line=1, column=1)
    if len(commands) > MOST_COMMANDS:
        raise errors.DocumentTooLarge(f"{len(commands)} commands; an import takes {MOST_COMMANDS}.")
    if sum(map(len, commands)) > MOST_WORDS:
        raise errors.DocumentTooLarge(f"The commands have more than {MOST_WORDS:,} words.")
    return _Import().imported(commands)


def _is_curl(words: list[Word]) -> bool:
    """Whether the command is curl; a prompt before it does not matter."""
    while words and words[0].text in {"$", ">", "%", "sudo", "time"}:
        del words[0]
    return bool(words) and words[0].text.rsplit("/", 1)[-1].casefold() in {"curl", "curl.exe"}


class _Import:
    def __init__(self) -> None:
        self._sampled = sampled.Sampled()
        self._report = self._sampled.report

    def imported(self, commands: list[list[Word]]) -> Imported:
        found: list[Exchange] = []
        for words in commands:
            for command in self._read(words):
                found += self._exchanges(command)
        groups = self._sampled.groups(found, clusters=False)
        self._report.info(
            "A command shows one call: which arguments are needed, and of what kind, is inferred. Check them."
        )
        operations = [
            self._sampled.operation(group, sampled.server_of(self._sampled.servers, group.base))
            for group in groups
        ]
        title = sampled.title_of([exchange.base for exchange in found])
        return self._sampled.imported(operations, title=title, source_version="curl")

    def _read(self, words: list[Word]) -> list[_Command]:
        commands = [_Command(words[0])]
        for option in curl_options.read(words):
            if option.name == "next":
                commands.append(_Command(option.word))
            else:
                self._take(commands[-1], option)
        for command in commands:
            if not command.urls:
                word = command.word
                raise errors.DocumentBroken("the command has no URL", line=word.line, column=word.column)
        return commands

    def _take(self, command: _Command, option: Option) -> None:
        name, value = option.name, option.value
        if name == "url":
            if len(command.urls) >= MOST_COMMANDS:
                raise errors.DocumentTooLarge(f"A command has more than {MOST_COMMANDS} URLs.")
            command.urls.append(value)
        elif name == "request":
            command.method = _known_method(value.upper(), option.word)
        elif name in _DATA:
            command.data.append((name, value))
        elif name in {"form", "form-string"}:
            command.parts.append(_part(value, literal=name == "form-string"))
        elif name == "url-query":
            command.query.append(value.removeprefix("+"))
        elif name == "upload-file":
            command.upload = True
        else:
            self._take_about(command, name, value)

    def _take_about(self, command: _Command, name: str, value: str) -> None:
        """Headers and credentials; the rest is curl's own affair."""
        if name == "header":
            key, colon, text = value.partition(":")
            if colon and text.strip():
                command.headers.append((key.strip(), text.strip()))
        elif name == "user":
            command.user = value
        elif name == "oauth2-bearer":
            command.headers.append(("Authorization", f"Bearer {value}"))
        elif name == "cookie" and "=" in value:
            command.headers.append(("Cookie", value))
        elif name == "proxy-user":
            self._sampled.credentials.basic_values(value)
        else:
            command.flags.add(name)
            self._tell(name)

    def _tell(self, name: str) -> None:
        if name == "insecure":
            self._report.warning("-k is left out: the certificate of the service is always checked.")
        elif name in _NEGOTIATED:
            self._report.warning(f"--{name} is left out: tools sign in with keys, Basic, Bearer or OAuth 2.")
        elif name in {"cert", "key"}:
            self._report.warning(
                "The client certificate is left out: add mutual TLS to the tool's auth schemes."
            )
        elif name == "config":
            self._report.warning("-K is left out: files are not read.")
        elif name not in _MEANT and name not in _QUIET:
            self._report.info(
                f"The option {name[:60]} says nothing about the request; left out.", kind="options of curl"
            )

    def _exchanges(self, command: _Command) -> list[Exchange]:
        found: list[Exchange] = []
        for url in command.urls:
            try:
                exchange = exchanges.exchange_of(command.method, url)
            except ValueError as error:
                word = command.word
                message = f"the command's URL cannot be called: {error}"
                raise errors.DocumentBroken(message, line=word.line, column=word.column) from None
            if "://" not in url[:40]:
                self._report.info("A URL without scheme is taken as https.")
            found.append(self._filled(exchange, command))
        return found

    def _filled(self, exchange: Exchange, command: _Command) -> Exchange:
        for text in command.query:
            exchange.query += exchanges.pairs_of(_encoded(text))
        exchange.headers = list(command.headers)
        exchange.user = command.user if command.user is not None else exchange.user
        if command.flags & _NEGOTIATED and command.user is not None:
            self._sampled.credentials.basic_values(command.user)
            exchange.user = None
        if command.data and "get" in command.flags:
            exchange.query += exchanges.pairs_of(
                "&".join(_form_text(name, value) for name, value in command.data)
            )
        else:
            exchange.content = self._content(command)
        exchange.method = command.method or _method(command, exchange.content)
        if exchange.content is not None and exchange.method == "GET":
            self._report.warning("A GET request with a body: many services ignore it; choose another method.")
        return exchange

    def _content(self, command: _Command) -> Content | None:
        told = exchanges.header(command.headers, "content-type")
        if command.parts:
            return Content("multipart/form-data", parts=command.parts)
        if command.upload:
            self._report.info("The file of -T becomes an argument: base64 text.")
            return Content(told or "application/octet-stream", binary=True)
        if not command.data:
            return None
        names = {name for name, _ in command.data}
        if any(_is_file(name, value) for name, value in command.data):
            return self._file(told, names)
        if "json" in names:
            command.headers.append(("Accept", "application/json"))
            return Content(told or "application/json", "".join(value for _, value in command.data))
        text = "&".join(_form_text(name, value) for name, value in command.data)
        if not told and Content("application/json", text).is_json() and text.lstrip()[:1] in "{[":
            self._report.info("The data is JSON, and so it is sent: curl would call it a form.")
            told = "application/json"
        content = Content(told or FORM, text)
        if content.family == "form":
            content.parts = [Part(name, value) for name, value in exchanges.pairs_of(text)]
        return content

    def _file(self, told: str, names: set[str]) -> Content:
        kind = told or ("application/json" if "json" in names else "application/octet-stream")
        content = Content(kind)
        content.binary = content.family not in {"json", "text", "xml"}
        self._report.warning(
            "The data is in a file, which is not read: the body is an argument without a shape."
        )
        return content


def _known_method(method: str, word: Word) -> str:
    if not re.fullmatch(r"[A-Z][A-Z-]*", method):
        raise errors.DocumentBroken(f"{method[:40]!r} is no method", line=word.line, column=word.column)
    return method


def _method(command: _Command, content: Content | None) -> str:
    if "head" in command.flags:
        return "HEAD"
    if command.upload:
        return "PUT"
    return "GET" if content is None else "POST"


def _is_file(name: str, value: str) -> bool:
    if name == "data-raw":
        return False
    return value.startswith("@") or (name == "data-urlencode" and "@" in value and "=" not in value)


def _form_text(name: str, value: str) -> str:
    return _encoded(value) if name == "data-urlencode" else value.strip("&") if "=" in value else value


def _encoded(value: str) -> str:
    """`--data-urlencode`: what follows the first `=` is encoded."""
    key, equals, text = value.partition("=")
    return f"{key}={quote_plus(text)}" if equals and key else quote_plus(text or key)


def _part(text: str, *, literal: bool) -> Part:
    """A field of `-F`: `name=value`, `name=@file` or `name=<file`, with `;type=` behind."""
    name, _, value = text.partition("=")
    if literal:
        return Part(name, value)
    value, *rules = value.split(";") if not value.startswith('"') else [value.strip('"')]
    kind = next((rule.strip()[5:] for rule in rules if rule.strip().startswith("type=")), None)
    if value.startswith("@"):
        return Part(name, file=True, content_type=kind)
    return Part(unquote(name), "" if value.startswith("<") else value, content_type=kind)
