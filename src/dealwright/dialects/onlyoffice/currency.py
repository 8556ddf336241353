"""Currencies (opportunities §8) and their rates (contacts-tasks-cases §10)."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from decimal import Decimal
from typing import Final, TypeVar

from dealwright.actions import currencies
from dealwright.actions.opportunities import EDIT as EDIT_DEALS
from dealwright.dialects.onlyoffice.binding import Fields
from dealwright.dialects.onlyoffice.call import Call
from dealwright.dialects.onlyoffice.envelope import Answer, everything, listed, one
from dealwright.dialects.onlyoffice.failures import BAD_ARGUMENT, Failure, absent_reference, bad_argument, broken
from dealwright.dialects.onlyoffice.paging import Shown
from dealwright.dialects.onlyoffice.routes import routes
from dealwright.dialects.onlyoffice.scalars import ECHO
from dealwright.dialects.onlyoffice.values import Amount
from dealwright.dialects.onlyoffice.writing import currency_info
from dealwright.domain.currency import Quote, Rate, converted
from dealwright.domain.errors import Invalid, NotFound

LIST: Final = "Currency-List"
READ: Final = "Currency-Read"
EDIT: Final = "Currency-Edit"
SETTINGS: Final = "crm/settings/currency"
RATES: Final = "crm/currency/rates"
ONE: Final = f"{RATES}/{{id:[0-9]+}}"
NO_OBJECT: Final = "Object reference not set to an instance of an object."

T = TypeVar("T")


@routes.get(SETTINGS, right=LIST)
async def get_currencies(call: Call) -> Answer:
    """Answer all currencies by their codes (opportunities §8)."""
    known = call.db.rules.currencies
    return listed([currency_info(known[code]) for code in sorted(known)], call.page)


@routes.put(SETTINGS, right=EDIT)
async def put_currency(call: Call) -> Answer:
    """Make a currency the portal's and answer it: 403, and 400 for no known code."""
    return one(currency_info(await currencies.set_default(call.db, call.actor, call.bag.text("currency") or "")))


@routes.get(f"{SETTINGS}/convert", right=READ)
async def convert(call: Call) -> Answer:
    """Answer an amount in another currency; as it is where one is not named. 500 without a rate (opportunities §8)."""
    bag = call.bag
    amount, source, target = bag.decimal("amount"), bag.text("fromcurrency"), bag.text("tocurrency")
    if not source or not target:
        return one(Amount(amount))
    found = converted(amount, call.db.rules.rates, source, target)
    if found is None:
        raise broken("There is no rate between these currencies.")
    return one(Amount(found))


@routes.get(f"{SETTINGS}/summarytable", right=LIST)
async def summary(call: Call) -> Answer:
    """Answer the currencies that have a rate from the web to this one: itself alone (opportunities §8). 400."""
    found = call.db.rules.currencies.get(call.bag.text("currency") or "")
    if found is None:
        raise bad_argument()
    return everything([currency_info(found) | {"rate": Amount(1)}])


@routes.get(RATES, right=LIST)
async def get_rates(call: Call) -> Answer:
    """Answer all rates, the oldest first."""
    found = sorted(call.db.rules.rates.values(), key=lambda rate: rate.id)
    return listed([_shown(rate) for rate in found], call.page)


@routes.get(ONE, right=READ)
async def get_rate(call: Call) -> Answer:
    """Answer one rate: 500 for a missing one, as the contract has it."""
    number = call.bag.integer("id")
    return _present(next((rate for rate in call.db.rules.rates.values() if rate.id == number), None))


@routes.get(f"{RATES}/{{fromCurrency}}/{{toCurrency}}", right=READ)
async def get_rate_of_pair(call: Call) -> Answer:
    """Answer the rate between two currencies: 500 for a missing one, as the contract has it."""
    pair = (call.bag.text("fromCurrency") or "", call.bag.text("toCurrency") or "")
    return _present(call.db.rules.rates.get(pair))


def _present(rate: Rate | None) -> Answer:
    if rate is None:
        raise absent_reference(NO_OBJECT)
    return one(_shown(rate))


@routes.post(RATES, right=EDIT_DEALS)
async def post_rate(call: Call) -> Answer:
    """Say a rate, also of a pair that has one; 0 takes it away (§10). Needs no administrator. 400."""
    quote = _quote(call.bag)
    before = call.db.rules.rates.get((quote.source, quote.target))
    rate = await _said(currencies.set_rate(call.db, call.actor, quote, EDIT_DEALS))
    return one(_shown(rate) if rate else _quoted(quote, before.id if before else 0))


@routes.put(ONE, right=EDIT_DEALS)
async def put_rate(call: Call) -> Answer:
    """Say a rate by its id; needs no administrator. 400, also for a missing one (§10)."""
    number, quote = call.bag.integer("id"), _quote(call.bag)
    rate = await _said(currencies.change_rate(call.db, call.actor, number, quote, EDIT_DEALS))
    return one(_shown(rate) if rate else _quoted(quote, number))


@routes.delete(ONE, right=EDIT_DEALS)
async def delete_rate(call: Call) -> Answer:
    """Take a rate away and answer it; needs no administrator. 400 for a missing one (§10)."""
    number = call.bag.integer("id")
    return one(_shown(await _said(currencies.delete_rate(call.db, call.actor, number, EDIT_DEALS))))


@routes.post("crm/currency/setrates", right=EDIT)
async def set_rates(call: Call) -> Answer:
    """Make a currency the portal's and these rates all there are, and answer them: 403, 400."""
    code, quotes = call.bag.text("currency") or "", _quotes(call)
    return _all(await _said(currencies.set_rates(call.db, call.actor, code, quotes)))


@routes.post("crm/currency/addrates", right=EDIT)
async def add_rates(call: Call) -> Answer:
    """Say several rates and answer all there are: 403, 400."""
    return _all(await _said(currencies.add_rates(call.db, call.actor, _quotes(call))))


def _quotes(call: Call) -> list[Quote]:
    return [_quote(record) for record in call.bag.records("rates")]


def _quote(fields: Fields) -> Quote:
    return Quote(fields.text("fromCurrency") or "", fields.text("toCurrency") or "", fields.decimal("rate"))


def _all(rates: Sequence[Rate]) -> Answer:
    return everything([_shown(rate) for rate in rates])


def _shown(rate: Rate) -> Shown:
    return _quoted(Quote(rate.source, rate.target, rate.value), rate.id)


def _quoted(quote: Quote, ident: int) -> Shown:
    value = Amount(quote.value)
    return {"fromCurrency": quote.source, "toCurrency": quote.target, "rate": value, "id": ident}


async def _said(deed: Awaitable[T]) -> T:
    """Return what a deed on rates leaves, or refuse in the contract's words: a wrong rate before a wrong code (§10)."""
    try:
        return await deed
    except NotFound:
        raise bad_argument() from None
    except Invalid as refusal:
        raise _refused(refusal) from None


def _refused(refusal: Invalid) -> Failure:
    wrong = {(problem.field, problem.code): problem.value for problem in reversed(refusal.problems)}
    if ("rate", "out_of_range") in wrong:
        value = wrong["rate", "out_of_range"]
        return bad_argument(f"Invalid currency rate: {value:f}" if isinstance(value, Decimal) else BAD_ARGUMENT)
    codes = (wrong.get((name, "unknown")) for name in ("from_currency", "to_currency"))
    code = next((str(code)[:ECHO] for code in codes if code is not None), None)
    return bad_argument(BAD_ARGUMENT if code is None else f"Unknown currency: {code}")
