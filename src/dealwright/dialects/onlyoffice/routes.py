"""The one table of this dialect's routes; the chapters that fill it are listed in face.py."""

from __future__ import annotations

from typing import Final

from dealwright.dialects.onlyoffice import batch
from dealwright.dialects.onlyoffice.routing import Routes

routes: Final = Routes()

routes.post("batch")(batch.run)
