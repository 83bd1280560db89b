"""Pages of help as Qt's text browser shows them well."""

import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML

from workbench.gui.look.theme import Theme
from workbench.help import pages
from workbench.help.pages import anchor_of

_SHEET = """
body {{ color: {text}; }}
h1 {{ font-size: 24px; font-weight: 600; margin-top: 4px; margin-bottom: 10px; }}
h2 {{ font-size: 18px; font-weight: 600; margin-top: 26px; margin-bottom: 8px; }}
h3, h4 {{ font-size: 15px; font-weight: 600; margin-top: 20px; margin-bottom: 6px; }}
p.picture {{ margin-top: 14px; margin-bottom: 14px; }}
strong {{ font-weight: 600; }}
p.words, li {{ margin-top: 6px; margin-bottom: 6px; line-height: 142%; }}
a {{ color: {accent}; text-decoration: none; }}
code {{ font-family: "{mono}"; font-size: 12px; color: {text}; background-color: {raised}; }}
pre {{ font-family: "{mono}"; font-size: 12px; line-height: 138%; margin: 0px;
      white-space: pre-wrap; }}
table {{ border-collapse: collapse; margin-top: 8px; margin-bottom: 12px; }}
th {{ padding: 6px 12px; text-align: left; font-weight: 600; color: {muted};
      border-bottom: 1px solid {line}; }}
td {{ padding: 6px 12px; border-bottom: 1px solid {border}; line-height: 132%; }}
td.code {{ background-color: {raised}; border: none; padding: 10px 14px; }}
"""


def style(theme: Theme) -> str:
    """Return the stylesheet of a page."""
    return _SHEET.format(
        text=theme.text, accent=theme.accent, mono=theme.mono_font, raised=theme.raised,
        muted=theme.muted, border=theme.border, line=theme.blend(theme.muted, 0.5),
    )  # fmt: skip


class _Renderer(RendererHTML):
    """Writes headings that links find, and code on a ground with a margin."""

    def heading_open(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        anchor = anchor_of(tokens[idx + 1].content)
        return f'<{tokens[idx].tag}><a name="{anchor}"></a>'

    def paragraph_open(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        if tokens[idx].hidden:  # of a list whose lines stand close
            return ""
        inside = tokens[idx + 1].children or []
        only_picture = [each.type for each in inside] == ["image"]  # which is no line of words
        return f'<p class="{"picture" if only_picture else "words"}">'

    def fence(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        # remarks stand in a column, for which a window has no room
        code = re.sub(r"  +(?=# )", "  ", tokens[idx].content.rstrip("\n"))
        # Qt gives a block no padding, but a cell
        return (
            '<table width="100%" cellspacing="0"><tr><td class="code"><pre>'
            f"{_escaped(code)}</pre></td></tr></table>"
        )

    def table_open(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        return '<table cellspacing="0" width="100%">'


def html(text: str) -> str:
    """Return a page of Markdown as HTML; markup within it is shown and not followed."""
    return str(_reader().render(text))


def known_page(target: str) -> tuple[str, str] | None:
    """Return the page and the heading that a link leads to, or None where it leads elsewhere."""
    name, _, anchor = target.partition("#")
    name = name.removesuffix(".md")
    return (name, anchor) if any(each.name == name for each in pages()) else None


def _reader() -> MarkdownIt:
    # js-default has tables, and html off; the class of the renderer is asked of it by name
    return MarkdownIt("js-default", {"linkify": False, "html": False}, renderer_cls=_Renderer)


def _escaped(code: str) -> str:
    return code.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
