"""The form of a step."""

from playwright.sync_api import Locator, Page

TABS = {"en": "English", "it": "Italian"}


def text(where: Page | Locator, language: str = "en") -> Locator:
    """What it says in a language, whose tab is chosen."""
    tabs = where.get_by_role("tablist", name="Text", exact=True)
    tabs.get_by_role("tab", name=TABS[language]).click()
    return where.get_by_label(f"Text ({language})")
