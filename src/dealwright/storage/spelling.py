"""Expressions that the two databases spell differently: each says both spellings where it is made."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

E = TypeVar("E", bound=FunctionElement[Any])


def spelled(sqlite: str, postgres: str) -> Callable[[type[E]], type[E]]:
    """Return the decorator that gives an expression its two spellings.

    In these `{all}` stands for everything that the expression is made of, one after the other, or `{0}`, `{1}` … for
    each part of it; `{its.name}` stands for what the expression knows under a name.
    """

    def decorate(expression: type[E]) -> type[E]:
        compiles(expression, "sqlite")(partial(_spelling, sqlite))
        compiles(expression, "postgresql")(partial(_spelling, postgres))
        return expression

    return decorate


def _spelling(text: str, element: FunctionElement[Any], compiler: SQLCompiler, **kw: Any) -> str:
    if "{all}" in text:
        return text.format(all=compiler.process(element.clauses, **kw), its=element)
    return text.format(*(compiler.process(clause, **kw) for clause in element.clauses), its=element)
