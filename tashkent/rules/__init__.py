"""The rules between tables, each a short function that says what must hold and why.

A rule names what it needs as its parameters. One with `table` (and `name`, `schema`) holds for
every table by itself. The others name tables; `tables` for all of them, `schemas` for their
schemas; `words_of` for the words of each passage, counted; `second` for the
second coding; `works` for the entries of `references.bib`; `described` for the files that
`datapackage.json` describes and `directory` for the folder. It is left out where one of them
cannot be read, because then that fault has been reported. Tables come as text, indexed by their
row in the file, and are shared: no rule changes one. A rule knows a number by heart only where
the report states it as a count.
"""

from tashkent.rules import coding, evidence, form, joins, report
from tashkent.rules.common import RULES, several, words

#: The kinds of rules, in the order in which a reader meets them.
KINDS = (form, joins, report, evidence, coding)

__all__ = ["KINDS", "RULES", "several", "words"]
