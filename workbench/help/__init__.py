"""The pages of help: listed, searched, and what the words of the glossary mean."""

from workbench.help.glossary import meaning, meanings
from workbench.help.pages import Page, Section, page, pages
from workbench.help.searching import Hit, search

__all__ = ["Hit", "Page", "Section", "meaning", "meanings", "page", "pages", "search"]
