"""`dealwright recount`: what is summed up ahead is compared with the records, and put right."""

from __future__ import annotations

import argparse
import sys

from dealwright.commands import DONE
from dealwright.config import Settings
from dealwright.storage.database import Database
from dealwright.storage.summaries import SUMMARIES


async def recount(db: Database, _: Settings, __: argparse.Namespace) -> int:
    """Put every sum right that is wrong, beside a server that runs too, and say how many there were."""
    for name, summary in SUMMARIES.items():
        wrong = await summary.wrong(db)
        if wrong:
            await summary.put_right(db)
        sys.stdout.write(f"{name}: {f'{wrong:,} put right' if wrong else 'right'}\n")
    return DONE
