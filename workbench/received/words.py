"""Words that others have written, where they are shown by programs that would obey them.

A caption, a file's name or a note may hold what steers a terminal: it can change the colour of all
that follows, write over what stands above, or set the window's title. Others turn the order of what
is shown after them. A spreadsheet takes a cell for a formula by its first sign. There is one place
for each: whatever goes to a terminal passes `for_terminal`, and what goes into a table `for_cell`.
"""

import re
from typing import TypeVar

Value = TypeVar("Value")

# control characters but for line ends and tabs; marks, embeddings, overrides and isolates of the
# order of writing; separators of lines and paragraphs
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
_FORMULAS = tuple("=+-@\t\r\n＝＋－＠")


def for_terminal(words: str) -> str:
    """Return words with what would steer a terminal spelt out, as Python spells it."""
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode(), words)


def for_cell(value: Value) -> Value | str:
    """Return a value of a table: words that a spreadsheet would compute begin with an apostrophe.

    Numbers are as they were.
    """
    if isinstance(value, str) and value.startswith(_FORMULAS):
        return f"'{value}"
    return value
