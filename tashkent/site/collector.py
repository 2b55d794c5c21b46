"""What is kept of each page while all of them are read."""

from collections.abc import Callable

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors import EnvironmentCollector


class PageCollector(EnvironmentCollector):
    """Keeps something of each page in the environment, where `kept` gives it by page."""

    kept: Callable[[BuildEnvironment], dict]

    def clear_doc(self, app: Sphinx, env: BuildEnvironment, docname: str) -> None:
        """Forget a page that is read anew or gone."""
        self.kept(env).pop(docname, None)

    def merge_other(self, app: Sphinx, env: BuildEnvironment, docnames, other) -> None:
        """Take over the pages that another process has read."""
        there = self.kept(other)
        self.kept(env).update({name: there[name] for name in docnames if name in there})
