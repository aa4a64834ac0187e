"""The ways in which a vault says no. None of them changes a file."""

from schemas.problems import Misuse, Outside, Refused


class VaultInUse(Refused):
    """Another process holds the lock on the number's folder."""

    code = "vault.in_use"
    status = 409
    title = "The session is open elsewhere"
    sentence = "Another process has the session in {folder} open. Stop it first."


class VaultMissing(Refused):
    """The database knows of a session that is not on this volume."""

    code = "vault.missing"
    status = 500
    title = "The session is not on this volume"
    sentence = (
        "There is no session in {folder}, but one of generation {generation} is known. Bring the volume back, "
        "or restore a backup: chatloom vault restore {number} FILE --above {generation}; or give the session "
        "up and link the phone anew: chatloom vault restore {number} --empty --above {generation}"
    )


class VaultRolledBack(Refused):
    """The newest file on the volume is older than the database's mark."""

    code = "vault.rolled_back"
    status = 500
    title = "The session on this volume is an old one"
    sentence = (
        "{file} is at generation {generation}, record {records}; {known_generation}, record {known_records} "
        "is known to have been written. Its use would make contacts lose messages. Bring the newest file back, "
        "or accept the loss: chatloom vault restore {number} FILE --above {known_generation}"
    )


class VaultBroken(Refused):
    """A sealed file was altered or damaged, elsewhere than at its physical end."""

    code = "vault.broken"
    status = 500
    title = "A sealed file is damaged"
    sentence = (
        "{file}, record {record}: {why}. Nothing was changed. Restore a backup: chatloom vault restore --help"
    )


class VaultKeyUnknown(Refused):
    """The master key that sealed a file is not among those loaded."""

    code = "vault.key_unknown"
    status = 500
    title = "A master key is absent"
    sentence = (
        "{file} is sealed by master key {key_id}, which is not among those loaded. Nothing was changed. "
        "Put the key back as a further line of the key's source."
    )


class VaultForeign(Refused):
    """A sealed file is another number's, or another account's."""

    code = "vault.foreign"
    status = 500
    title = "A sealed file belongs to another number"
    sentence = "{file} is not the session of number {number}: it belongs to another number or account."


class VaultUnsupported(Refused):
    """The installed neonize cannot be hooked, so that its session would lie unsealed."""

    code = "vault.unsupported"
    status = 500
    title = "This release of neonize cannot be sealed"
    sentence = (
        "The session cannot be sealed with the installed neonize: {why}. Install the release that this "
        "Chatloom was tested with."
    )


class LiveFolderUnfit(Refused):
    """The folder for open sessions is not in memory, others may enter it, or it has no room."""

    code = "vault.live_unfit"
    status = 500
    title = "The folder for open sessions is unfit"
    sentence = "Open sessions cannot lie in {folder}: {why}. CHATLOOM_SESSIONS_LIVE names a folder in memory."


class VaultUnwritable(Outside):
    """A session could not be opened from its volume, or what it committed could not be sealed: it is stopped."""

    code = "vault.unwritable"
    status = 507
    title = "The session cannot be read or written"
    sentence = (
        "{file} cannot be read or written: {why}. Make room or mend the volume, then restart the number."
    )


class VaultUnsettled(Outside):
    """The library kept a transaction open for so long that no new generation could be made."""

    code = "vault.unsettled"
    status = 503
    title = "The session is busy"
    sentence = (
        "The session in {folder} is busy: it was not possible to renew it within {seconds} s. Try again."
    )


class SpoolFull(Outside):
    """Events cannot be kept: the disk is full, or too many wait for the inbox."""

    code = "vault.spool_full"
    status = 507
    title = "Incoming messages cannot be kept"
    sentence = "{file} takes no more events: {why}."


class SqliteFailed(Misuse):
    """The library's SQLite refused a statement of ours."""

    code = "vault.sqlite"
    title = "A statement on the open session failed"
    sentence = "SQLite refused a statement on the open session ({result}): {why}."
