"""The database that is configured, for processes that need one."""

from cli.settings import Settings
from schemas.problems import Refused
from store.pool import Database
from store.roles import Role, url_for


class NoDatabase(Refused):
    """No URL is configured."""

    code = "settings.no_database"
    sentence = "DATABASE_URL is not set. `chatloom up` brings its own database; other commands need one."


def configured(loaded: Settings) -> str:
    """The URL without a pooler. Raises `NoDatabase`."""
    if not loaded.direct_url:
        raise NoDatabase
    return loaded.direct_url


def database(loaded: Settings, role: Role) -> Database:
    """The database as one of our roles. Raises `NoDatabase`."""
    direct = configured(loaded)
    url = loaded.database_url or direct
    return Database(url_for(url, role), url_for(direct, role), loaded.prepare_threshold)
