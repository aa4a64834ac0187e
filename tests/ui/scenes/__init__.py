"""All pictures that `tests.ui.screenshots` takes: a page is one line in the file of its kind."""

from tests.ui.scenes import pages, settings, studio

SCENES = [*pages.SCENES, *studio.SCENES, *settings.SCENES]
