"""Regional Security Structures in the CIS: what more than one chapter needs.

>>> from tashkent import load
>>> load("memberships").query("instrument_id == 'tashkent_treaty'")
"""

from tashkent.charts import basemap, hatch, scale, shapes
from tashkent.data import DataError, load, tables
from tashkent.widgets import caption, choose, show_tables_plainly

show_tables_plainly()

__all__ = [
    "DataError",
    "basemap",
    "caption",
    "choose",
    "hatch",
    "load",
    "scale",
    "shapes",
    "tables",
]
