"""What stands on every invoice, in the customer's language: labels, numbers, dates."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from dealwright.domain.currency import Currency

NARROW: Final = "\u202f"
NO_BREAK: Final = "\u00a0"
_CENT: Final = Decimal("0.01")
_EXACT: Final = Context(prec=90, rounding=ROUND_HALF_EVEN)
_NAMES: Final = (
    *("invoice", "bill_to", "deliver_to", "issued", "due", "order", "item", "quantity", "price", "discount"),
    *("tax", "amount", "subtotal", "total", "terms", "notes", "page", "draft", "paid", "rate"),
)


@dataclass(frozen=True, slots=True)
class Manner:
    """How a language writes: its labels, the marks in numbers, dates, and where the currency's sign stands."""

    code: str
    labels: Mapping[str, str]
    thousands: str
    point: str
    dates: str
    sign_first: bool = False

    def day(self, day: date) -> str:
        """Return a day as this language writes it."""
        return self.dates.format(d=day.day, m=day.month, y=day.year, name=_MONTHS[day.month - 1])

    def number(self, value: Decimal, places: int = 0) -> str:
        """Return a number with as many places as it has, but at least so many."""
        plain = f"{value.normalize():f}"
        whole, _, rest = plain.partition(".")
        return self._grouped(whole) + (self.point + rest.ljust(places, "0") if rest or places else "")

    def money(self, value: Decimal, currency: Currency | None) -> str:
        """Return an amount to two places with its currency's sign."""
        text = self.number(value.quantize(_CENT, context=_EXACT), 2)
        sign = _sign(currency)
        if not sign:
            return text
        if not self.sign_first:
            return f"{text}{NO_BREAK}{sign}"
        minus, text = ("−", text[1:]) if text[0] in "-−" else ("", text)
        return f"{minus}{sign}{'' if len(sign) == 1 else NO_BREAK}{text}"

    def _grouped(self, whole: str) -> str:
        minus, digits = ("−", whole[1:]) if whole.startswith("-") else ("", whole)
        return minus + f"{int(digits):,}".replace(",", self.thousands)


def _sign(currency: Currency | None) -> str:
    """Return a currency's sign; one that is written from right to left would turn the amount round: its code then."""
    if currency is None:
        return ""
    turns = any(unicodedata.bidirectional(char) in {"R", "AL"} for char in currency.symbol)
    return currency.code if turns or not currency.symbol else currency.symbol


_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _manner(code: str, said: str, thousands: str, point: str, dates: str, sign_first: bool = False) -> Manner:
    labels = dict(zip(_NAMES, said.split("|"), strict=True))
    return Manner(code, labels, thousands, point, dates, sign_first)


_ENGLISH: Final = (
    "Invoice|Bill to|Deliver to|Issued|Due|Purchase order|Item|Quantity|Price|Discount|Tax|Amount|Subtotal|Total"
    "|Terms|Notes|Page {n} of {of}|Draft|Paid|Exchange rate"
)
_DOTS, _SLASHES = "{d:02}.{m:02}.{y:04}", "{d:02}/{m:02}/{y:04}"
MANNERS: Final = {
    manner.code: manner
    for manner in (
        _manner("en", _ENGLISH, ",", ".", "{d} {name} {y:04}", sign_first=True),
        _manner("en-us", _ENGLISH, ",", ".", "{name} {d}, {y:04}", sign_first=True),
        _manner(
            "de",
            "Rechnung|Rechnung an|Lieferung an|Datum|Fällig|Bestellnummer|Leistung|Menge|Preis|Rabatt|Steuer|Betrag"
            "|Zwischensumme|Gesamtbetrag|Bedingungen|Anmerkungen|Seite {n} von {of}|Entwurf|Bezahlt|Wechselkurs",
            *(".", ",", _DOTS),
        ),
        _manner(
            "fr",
            "Facture|Facturé à|Livré à|Date|Échéance|Bon de commande|Désignation|Quantité|Prix|Remise|Taxe|Montant"
            "|Sous-total|Total|Conditions|Remarques|Page {n} sur {of}|Brouillon|Payée|Taux de change",
            *(NARROW, ",", _SLASHES),
        ),
        _manner(
            "es",
            "Factura|Facturar a|Entregar a|Fecha|Vencimiento|Orden de compra|Concepto|Cantidad|Precio|Descuento"
            "|Impuesto|Importe|Subtotal|Total|Condiciones|Notas|Página {n} de {of}|Borrador|Pagada|Tipo de cambio",
            *(".", ",", _SLASHES),
        ),
        _manner(
            "it",
            "Fattura|Intestata a|Consegna a|Data|Scadenza|Ordine d’acquisto|Voce|Quantità|Prezzo|Sconto|Imposta"
            "|Importo|Imponibile|Totale|Condizioni|Note|Pagina {n} di {of}|Bozza|Pagata|Tasso di cambio",
            *(".", ",", _SLASHES),
        ),
        _manner(
            "pt",
            "Fatura|Faturar a|Entregar a|Data|Vencimento|Ordem de compra|Artigo|Quantidade|Preço|Desconto|Imposto"
            "|Valor|Subtotal|Total|Condições|Notas|Página {n} de {of}|Rascunho|Paga|Taxa de câmbio",
            *(".", ",", _SLASHES),
        ),
        _manner(
            "nl",
            "Factuur|Factuur aan|Levering aan|Datum|Vervaldatum|Inkooporder|Omschrijving|Aantal|Prijs|Korting|Btw"
            "|Bedrag|Subtotaal|Totaal|Voorwaarden|Opmerkingen|Pagina {n} van {of}|Concept|Betaald|Wisselkoers",
            *(".", ",", "{d:02}-{m:02}-{y:04}"),
        ),
        _manner(
            "pl",
            "Faktura|Nabywca|Odbiorca|Data|Termin płatności|Zamówienie|Nazwa|Ilość|Cena|Rabat|Podatek|Wartość"
            "|Suma częściowa|Razem|Warunki|Uwagi|Strona {n} z {of}|Szkic|Zapłacona|Kurs wymiany",
            *(NO_BREAK, ",", _DOTS),
        ),
        _manner(
            "ru",
            "Счёт|Плательщик|Получатель|Дата|Оплатить до|Номер заказа|Наименование|Количество|Цена|Скидка|Налог"
            "|Сумма|Подытог|Итого|Условия|Примечания|Страница {n} из {of}|Черновик|Оплачен|Обменный курс",
            *(NO_BREAK, ",", _DOTS),
        ),
        _manner(
            "uk",
            "Рахунок|Платник|Отримувач|Дата|Сплатити до|Номер замовлення|Найменування|Кількість|Ціна|Знижка|Податок"
            "|Сума|Проміжний підсумок|Разом|Умови|Примітки|Сторінка {n} з {of}|Чернетка|Сплачено|Обмінний курс",
            *(NO_BREAK, ",", _DOTS),
        ),
        _manner(
            "el",
            "Τιμολόγιο|Προς|Παράδοση σε|Ημερομηνία|Λήξη|Εντολή αγοράς|Είδος|Ποσότητα|Τιμή|Έκπτωση|Φόρος|Ποσό"
            "|Μερικό σύνολο|Σύνολο|Όροι|Σημειώσεις|Σελίδα {n} από {of}|Πρόχειρο|Εξοφλήθηκε|Ισοτιμία",
            *(".", ",", _SLASHES),
        ),
    )
}
"""The languages that invoices are written in; any other one gets English."""


def manner_of(language: str | None) -> Manner:
    """Return how the language of a culture such as `de-AT` writes; English where it is not known."""
    said = (language or "").lower().replace("_", "-")
    return MANNERS.get(said) or MANNERS.get(said[:2]) or MANNERS["en"]
