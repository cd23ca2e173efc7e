"""Which browser the tests drive."""

import os
import shutil

from playwright.sync_api import Browser, Playwright


def launch(playwright: Playwright) -> Browser:
    """Start Chromium: the one named in `TOOLMARKET_CHROMIUM`, of the machine, or Playwright's own.

    Root may not use Chromium's sandbox, and the tests open only our own pages.
    """
    found = (
        os.environ.get("TOOLMARKET_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    arguments = ["--no-sandbox"] if root else []
    return playwright.chromium.launch(executable_path=found, args=arguments)
