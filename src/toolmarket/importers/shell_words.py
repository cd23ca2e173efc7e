"""Splits shell text into commands and words as a POSIX shell does; nothing is run or looked up."""

import codecs
import re
from dataclasses import dataclass, field

from toolmarket.importers import errors

_ANSI = re.compile(r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|.)", re.DOTALL)
_PLAIN = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
    "E": "\x1b",
}
_WINDOWS = re.compile(r"\^(?:\r?\n|(?=[\"^&<>|%!(){}\[\]\\]))")
_POWERSHELL = re.compile(r"`\r?\n")


@dataclass(frozen=True, slots=True)
class Word:
    """A word without its quotes, and where it begins (1-based)."""

    text: str
    line: int
    column: int


@dataclass(slots=True)
class _Commands:
    done: list[list[Word]] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)

    def end(self) -> None:
        if self.words:
            self.done.append(self.words)
        self.words = []


def split(text: str) -> list[list[Word]]:
    """The commands of a text; pipes, `;` and `&&` end one, comments are left out.

    Variables and substitutions stay as they are written. The line continuations of Windows shells work, too.

    Raises:
        DocumentBroken: a quote is not closed.
    """
    if re.search(r"\^\s*\n|\^\"", text):
        text = _WINDOWS.sub("", text)
    return _Splitter(_POWERSHELL.sub(" ", text.replace("\r\n", "\n"))).run()


class _Splitter:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._word: list[str] | None = None
        self._begin = 0
        self._commands = _Commands()
        self._counted, self._line, self._line_start = 0, 1, 0

    def run(self) -> list[list[Word]]:
        text = self._text
        while self._at < len(text):
            character = text[self._at]
            if character in " \t":
                self._end_word()
                self._at += 1
            elif character in "\n;|&":
                self._end_word()
                self._commands.end()
                self._at += 1
            elif character == "#" and self._word is None:
                end = text.find("\n", self._at)
                self._at = len(text) if end < 0 else end
            else:
                self._piece(character)
        self._end_word()
        self._commands.end()
        return self._commands.done

    def _piece(self, character: str) -> None:
        if self._word is None and not self._text.startswith("\\\n", self._at):
            self._word, self._begin = [], self._at
        if character == "'":
            self._take(self._quoted(1, "'"))
        elif character == '"':
            self._double()
        elif self._text.startswith("$'", self._at):
            self._take(_ANSI.sub(_unescaped, self._quoted(2, "'", escapes=True)))
        elif self._text.startswith("$(", self._at):
            end = self._text.find(")", self._at)
            end = len(self._text) if end < 0 else end + 1
            self._take(self._text[self._at : end])
            self._at = end
        elif character == "\\":
            following = self._text[self._at + 1 : self._at + 2]
            if following != "\n":
                self._take(following)
            self._at += 2
        else:
            self._take(character)
            self._at += 1

    def _take(self, text: str) -> None:
        if self._word is None:
            self._word, self._begin = [], self._at
        self._word.append(text)

    def _quoted(self, lead: int, mark: str, *, escapes: bool = False) -> str:
        start = end = self._at + lead
        while True:
            if end >= len(self._text):
                raise self._unclosed(mark)
            if self._text[end] == mark:
                break
            end += 2 if escapes and self._text[end] == "\\" else 1
        self._at = end + 1
        return self._text[start:end]

    def _double(self) -> None:
        inner = self._quoted(1, '"', escapes=True)
        self._take(re.sub(r'\\([$`"\\])|\\\n', lambda match: match[1] or "", inner))

    def _end_word(self) -> None:
        if self._word is not None:
            line, column = self._place(self._begin)
            self._commands.words.append(Word("".join(self._word), line, column))
            self._word = None

    def _place(self, at: int) -> tuple[int, int]:
        lines = self._text.count("\n", self._counted, at)
        if lines:
            self._line, self._line_start = self._line + lines, self._text.rfind("\n", self._counted, at) + 1
        self._counted = at
        return self._line, at - self._line_start + 1

    def _unclosed(self, mark: str) -> errors.DocumentBroken:
        line, column = self._place(self._at)
        return errors.DocumentBroken(f"the quote {mark} is not closed", line=line, column=column)


def _unescaped(match: re.Match[str]) -> str:
    told = match[1]
    if told[0] in "xuU" and len(told) > 1:
        number = int(told[1:], 16)
        return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"
    if told[0] in "01234567":
        return chr(int(told, 8) & 0xFF)
    return _PLAIN.get(told, told)


def utf8(data: bytes) -> str:
    """The text of a file, without a mark at its beginning.

    Raises:
        DocumentBroken: it is no UTF-8.
    """
    try:
        return data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise errors.DocumentBroken("this is no UTF-8 text", line=line, column=column) from error
