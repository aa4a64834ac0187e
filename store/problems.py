"""How the database says no: four problems, told apart by what the caller can do about them."""

from collections.abc import Generator
from contextlib import contextmanager

import psycopg

from schemas.problems import Misuse, Outside, Refused

_DATA_CLASSES = ("22", "23", "54")  # data exception, integrity violation, program limit exceeded


class DatabaseUnreachable(Outside):
    """No answer, or the connection broke. The outcome of what was under way is not known."""

    code = "store.unreachable"
    status = 503
    sentence = "The database cannot be reached: {why}."


class DatabaseFull(DatabaseUnreachable):
    """Its disk has no room: it answers, and can write nothing."""

    code = "store.full"
    sentence = "The database's disk is full: {why}. Make room there."


class RowsRefused(Refused):
    """A value among the rows cannot be stored. Nothing of the transaction was. Fewer rows may pass."""

    code = "store.rows_refused"
    status = 422
    sentence = "The database refused a value: {why}."


class DatabaseMisused(Misuse):
    """A table, a right or a statement is not as this code expects: it is older or newer than the schema."""

    code = "store.misused"
    sentence = "The database refused a statement: {why}."


class LeaseLost(Refused):
    """Another process owns the number now: this one must stop."""

    code = "store.lease_lost"
    status = 409
    sentence = "Another process owns number {number} now."


@contextmanager
def problems(number: object = "") -> Generator[None]:
    """Turn psycopg's errors inside the block into the problems above."""
    try:
        yield
    except UnicodeEncodeError as error:
        raise RowsRefused(why="a text holds half of a surrogate pair") from error
    except psycopg.errors.DivisionByZero as error:  # only leases.sql: hold divides
        raise LeaseLost(number=number) from error
    except (psycopg.errors.DataError, psycopg.errors.IntegrityError) as error:
        raise RowsRefused(why=_first_line(error)) from error
    except psycopg.Error as error:
        state = error.sqlstate or ""
        if state[:2] in _DATA_CLASSES:
            raise RowsRefused(why=_first_line(error)) from error
        if isinstance(error, psycopg.errors.DiskFull):
            raise DatabaseFull(why=_first_line(error)) from error
        if state[:2] in ("42", "0A", "3F"):
            raise DatabaseMisused(why=_first_line(error)) from error
        raise DatabaseUnreachable(why=_first_line(error)) from error
    except OSError as error:
        raise DatabaseUnreachable(why=type(error).__name__) from error


def _first_line(error: Exception) -> str:
    """The server's sentence without its detail, which may quote a value."""
    return (str(error) or type(error).__name__).splitlines()[0][:200]
