"""An open vault: the live database in memory, and each of its commits sealed before the library goes on."""

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from keys.file_key import derived
from keys.master import MasterKeys, load_again
from schemas.problems import Problem
from sessions.driver import Mark
from sessions.vault import generations, process
from sessions.vault.connections import Connections, linked_jid, secret_in
from sessions.vault.generations import ROTATE, SPOOL_NAME, Generation, Restored, changed_pages
from sessions.vault.hooks import Hooked, hooks
from sessions.vault.library import BUSY, Connection, Value
from sessions.vault.problems import (
    SqliteFailed,
    VaultForeign,
    VaultMissing,
    VaultUnsettled,
    VaultUnsupported,
    VaultUnwritable,
)
from sessions.vault.spool import Leftover, Spool, left_over

CHECKPOINT_FRAMES = 200  # about 0.8 MB: a container's /dev/shm has 64 MB by default
GENERATION_BYTES = 8 * 2**20
RETRY_BYTES = 2**20
HOOK_WAIT_MS = 50  # a checkpoint that must wait longer is tried at a later commit
RENEW_WAIT_S = 5.0
HOLD_S = 30.0  # then the statement fails, whoever was to stop the client
TEND_S = 1.0
MARK_S = 60.0

_PARAMETERS = "_journal_mode=WAL&_synchronous=OFF&_foreign_keys=on&_x="  # `_x=` swallows what neonize appends

OnMark = Callable[[Mark], None]
OnFault = Callable[[Problem], None]
OnSealed = Callable[[float], None]
First = Callable[[Connection], object]

log = logging.getLogger(__name__)


def open_vault(
    folder: Path,
    live: Path,
    masters: MasterKeys,
    number: UUID,
    mark: Mark | None,
    *,
    on_mark: OnMark = lambda _: None,
    on_fault: OnFault = lambda _: None,
    on_sealed: OnSealed = lambda _: None,
    first: First | None = None,
) -> "OpenVault":
    """Open a number's session from its newest sealed file, or begin an empty one where none was ever known.

    `folder` is the number's own on the volume, `live` its own in memory; both are made. Call it before the
    library opens `OpenVault.database`. The callbacks come from any thread, must be quick and must not raise:
    `on_mark` with a mark to keep (a new generation; every minute; at a clean stop), `on_fault` once, when the
    session can no longer be sealed (commits are held up from then on, and fail when the vault is closed: stop
    the client at once, see `let_go`, close, say why, open again), `on_sealed` with the seconds that each commit
    took longer. `first` is done to the database before anything else: the new generation is without what it deletes.

    Raises `VaultInUse`, `VaultMissing`, `VaultRolledBack`, `VaultBroken`, `VaultKeyUnknown`, `VaultForeign`,
    `VaultUnsupported`, `LiveFolderUnfit`: then nothing was changed; or `VaultUnwritable`.
    """
    hooks()
    process.no_core_dumps()
    with ExitStack() as undo:
        try:
            lock = generations.lock(folder)
            undo.callback(os.close, lock)
            kept = _newest(folder, masters, mark, number)
            process.check_live(live, len(kept.image) if kept else 0)
            if process.swaps(live) == "yes":
                log.warning("Open sessions in %s may be swapped to disk: mount it with noswap", live)
            _clear(live)
            undo.callback(_clear, live)
            path = _laid_out(live, kept)
            if first is not None:
                _do(first, path)
            own = Connections(path)
            undo.callback(own.close)
            secret, jid = secret_in(own.keeper), linked_jid(own.keeper)
            if kept:
                generations.check_account(kept, number, jid)
            account = generations.account_id(number, jid)
            left = _left_over(folder, masters, kept, number)
            after = kept.header.generation + 1 if kept else 1
            generation = generations.begin(folder, masters, account, after, own.image(), own.wal.page_size)
            undo.callback(generation.close)
            spool = Spool(folder / SPOOL_NAME, masters, generations.account_id(number, ""), left)
        except OSError as error:
            raise VaultUnwritable(file=str(error.filename or folder), why=error.strerror) from error
        undo.pop_all()
    return OpenVault(
        folder, path, masters, number, lock, generation, spool, own, secret, on_mark, on_fault, on_sealed
    )


class OpenVault:
    """One number's open session. Every method may be called from any thread.

    `database` is the name that neonize's client takes, `path` the live file, `spool` what waits for the inbox.
    """

    def __init__(
        self,
        folder: Path,
        path: Path,
        masters: MasterKeys,
        number: UUID,
        lock: int,
        generation: Generation,
        spool: Spool,
        connections: "Connections",
        secret: bytes,
        on_mark: OnMark,
        on_fault: OnFault,
        on_sealed: OnSealed,
    ) -> None:
        self.folder = folder
        self.path = path
        self.database = f"{quote(str(path))}?{_PARAMETERS}"
        self.spool = spool
        self._masters = masters
        self._number = number
        self._folder_lock = lock
        self._generation = generation
        self._own = connections
        self._secret = secret
        self._on_mark, self._on_fault, self._on_sealed = on_mark, on_fault, on_sealed
        self._lock = threading.RLock()
        self._closed = False
        self._fault: Problem | None = None
        self.left = False
        self._senders: set[int] = set()
        self._checkpointed = 0  # frames, when the log was last copied into the database
        self._grown_at = GENERATION_BYTES
        self._marked = generation.mark
        self._released = threading.Event()
        self._stop = threading.Event()
        self._untouched = self._version()
        hooks().watch(path, self)
        self._tender = threading.Thread(target=self._tend, name="vault", daemon=True)
        self._tender.start()
        on_mark(generation.mark)

    @property
    def mark(self) -> Mark:
        """What is on disk now."""
        return self._generation.mark

    @property
    def key_id(self) -> str:
        """The master key that seals this session now."""
        return self._generation.header.key_id

    @property
    def fault(self) -> Problem | None:
        """Why nothing can be committed any more; None while all is well."""
        return self._fault

    @property
    def hooked(self) -> bool:
        """Whether a connection of the library was met. Commits without that are noticed, as a fault."""
        return bool(hooks().connections(self))

    def select(self, sql: str, parameters: Sequence[Value] = ()) -> list[tuple[Value, ...]]:
        """Read from the live database, beside the library. Blobs are `bytes`, NULL is None."""
        return self._own.reader.rows(sql, parameters)

    def derive(self, purpose: bytes) -> bytes:
        """32 bytes of this session's own, the same for a purpose for as long as the session lives."""
        return derived(self._secret, purpose)

    @contextmanager
    def sending(self) -> Generator[None]:
        """While inside, this thread's call of the library sends one message.

        whatsmeow commits that message's secret, then the step of each ratchet, and only then sends (send.go,
        `SendMessage`): so the secret needs no seal of its own. Should no step follow, for the send failed before
        it, the secret is sealed within a second or two.
        """
        thread = threading.get_ident()
        self._senders.add(thread)
        try:
            yield
        finally:
            self._senders.discard(thread)

    def renew(self, masters: MasterKeys | None = None) -> Mark:
        """A new generation, for the account that is linked now, under the current key (of `masters`, if given).

        Messages flow on. Raises `VaultUnsettled` (try again), or `VaultUnwritable` (as before).
        """
        with self._lock:
            self._masters = masters or self._masters
            try:
                self._renew(RENEW_WAIT_S)
                self.spool.renew(self._masters)
            except OSError as error:
                raise VaultUnwritable(file=str(self.folder), why=error.strerror) from error
            return self.mark

    def let_go(self) -> None:
        """The library's client is disconnected: statements that a fault holds up fail now.

        So the library comes to tell what it was storing, while it can still be heard.
        """
        if self._fault is not None:
            self._released.set()

    def close(self, clean: bool = True) -> Mark:
        """Take no more commits, forget the live database, let the lock go. Stop the library's client before.

        `clean`: it was stopped, and every event that it gave us was appended to the spool.
        """
        self._end()
        self.spool.close(clean)
        os.close(self._folder_lock)
        self._note_mark()
        return self.mark

    def destroy(self) -> Mark:
        """Close, and put an empty session in place of this one: its keys are gone. The spool stays."""
        self._end()
        try:
            account = generations.account_id(self._number, "")
            after, size = self.mark.generation + 1, self._generation.header.page_size
            empty = generations.begin(self.folder, self._masters, account, after, b"", size)
            empty.close()
        except OSError as error:
            raise VaultUnwritable(file=str(self.folder), why=error.strerror) from error
        finally:
            self.spool.close(clean=True)
            os.close(self._folder_lock)
        self._on_mark(empty.mark)
        return empty.mark

    # what the hooks call

    def may_commit(self) -> bool:
        return not self._closed and (self._fault is None or self._hold())

    def sends(self) -> bool:
        return threading.get_ident() in self._senders

    def committed(self, connection: Hooked, frames: int) -> bool:
        started = time.perf_counter()
        try:
            with self._lock:
                if connection.covered:
                    return True
                if not self._closed and self._fault is None:
                    self._seal(frames)
                    connection.covered = True
                    self._checkpoint_if_due()
                    if self._generation.size >= self._grown_at:
                        self._renew_if_possible()
        except BaseException as error:  # noqa: BLE001 - the border to C: what is raised here would be lost
            self._fail(error)
        if self._closed or self._fault:
            return self._hold()
        self._on_sealed(time.perf_counter() - started)
        return True

    def _hold(self) -> bool:
        """Keep the committing thread here until the client is disconnected or the vault closed; False.

        whatsmeow confirms a message even if it could not be stored. So it hears of the failure when it is no
        longer connected: then WhatsApp delivers that message again.
        """
        self._released.wait(HOLD_S)
        return False

    def _fail(self, error: BaseException) -> None:
        if self._fault is None:
            if isinstance(error, VaultUnsupported):
                self._fault = error
            else:
                why = error.strerror if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
                self._fault = VaultUnwritable(file=str(self._generation.path), why=why)
            self._on_fault(self._fault)

    def _seal(self, frames: int) -> None:
        size, pages = self._own.wal.next(frames)
        if pages:
            try:
                self._generation.append(changed_pages(size, pages))
            except OSError as error:
                self._fail(error)
                raise
            self._own.wal.seal_to(frames)

    @contextmanager
    def _still(self, wait_s: float) -> Generator[bool]:
        """While inside no commit happens, and all that went before is sealed. False: somebody else is writing."""
        gate = self._own.gate
        gate.wait_for(int(wait_s * 1000))
        try:
            gate.rows("BEGIN IMMEDIATE")
        except SqliteFailed as problem:
            if problem.facts["result"] != BUSY:
                raise
            yield False
            return
        try:
            frames, _ = self._own.keeper.checkpoint()
            self._seal(frames)
            for connection in hooks().connections(self):
                connection.covered = True
            self.left = False
            yield True
        finally:
            gate.rows("ROLLBACK")

    def _checkpoint_if_due(self) -> None:
        sealed = self._own.wal.sealed
        if sealed < self._checkpointed:  # the log began anew
            self._checkpointed = 0
        if sealed - self._checkpointed >= CHECKPOINT_FRAMES:
            with self._still(HOOK_WAIT_MS / 1000) as still:
                # the next writer begins the log anew; if a reader keeps it from that, the log goes on
                if still:
                    self._checkpointed = self._own.wal.sealed

    def _renew(self, wait_s: float) -> None:
        with self._still(wait_s) as still:
            if not still:
                raise VaultUnsettled(folder=str(self.folder), seconds=wait_s)
            older, after = self._generation, self.mark.generation + 1
            image, size = self._own.image(), self._own.wal.page_size
            try:
                self._generation = generations.begin(
                    self.folder, self._masters, self._account(), after, image, size
                )
            except OSError as error:
                if (self.folder / generations.name_of(after)).exists():
                    self._fail(error)  # it would be opened next time: the older file must not go on
                raise
            older.close()
        self._grown_at = max(GENERATION_BYTES, 2 * self._generation.size)
        self._note_mark()

    def _renew_if_possible(self) -> None:
        try:
            self._renew(HOOK_WAIT_MS / 1000)
        except (OSError, VaultUnsettled) as error:
            # what was committed is sealed: the present file goes on
            log.warning("The session in %s has grown and could not be renewed: %s", self.folder, error)
            self._grown_at = self._generation.size + RETRY_BYTES

    def _account(self) -> bytes:
        return generations.account_id(self._number, linked_jid(self._own.reader))

    def _note_mark(self) -> None:
        self._marked = self.mark
        self._on_mark(self._marked)

    def _tend(self) -> None:
        """Rotate when the marker asks for it; report a mark from time to time."""
        marked_at = time.monotonic()
        while not self._stop.wait(TEND_S):
            if not self.hooked and self._version() != self._untouched:
                self._fail(VaultUnsupported(why="its connections are not met, so that nothing is sealed"))
            if (self.folder / ROTATE).exists():
                self._rotate()
            if self.left:
                self._seal_left()
            if time.monotonic() - marked_at >= MARK_S and self.mark != self._marked:
                marked_at = time.monotonic()
                self._note_mark()

    def _seal_left(self) -> None:
        """Seal what was left to a later commit, should none have come. Somebody else is writing: the next time."""
        with self._lock:
            try:
                if self._fault is None:
                    with self._still(HOOK_WAIT_MS / 1000):
                        pass
            except (OSError, Problem) as error:
                self._fail(error)

    def _version(self) -> Value:
        """Changes when a connection other than our reading one has committed."""
        return self.select("PRAGMA data_version")[0][0]

    def _rotate(self) -> None:
        try:
            self.renew(load_again(self._masters))
        except Problem as problem:
            log.warning("The session in %s was not rotated: %s", self.folder, problem)
        (self.folder / ROTATE).unlink(missing_ok=True)

    def _end(self) -> None:
        self._released.set()
        self._stop.set()
        self._tender.join()
        if self.left:
            self._seal_left()
        with self._lock:
            self._closed = True
            hooks().forget(self.path)
            self._own.close()
            self._generation.close()
            shutil.rmtree(self.path.parent, ignore_errors=True)


def _newest(folder: Path, masters: MasterKeys, mark: Mark | None, number: UUID) -> Restored | None:
    newest = next(iter(generations.found(folder)), None)
    if newest is None:
        if mark is not None:
            raise VaultMissing(folder=str(folder), generation=mark.generation, number=str(number))
        return None
    kept = generations.restored(newest, masters)
    generations.check_mark(kept, mark, number)
    return kept


def _clear(live: Path) -> None:
    """What an earlier opening left, by a kill."""
    for left in live.iterdir():
        shutil.rmtree(left, ignore_errors=True)


def _laid_out(live: Path, kept: Restored | None) -> Path:
    """The live database's path, in a folder that no earlier opening used; the library need not make it."""
    folder = live / f"{kept.header.generation if kept else 0:x}"
    folder.mkdir(mode=0o700, parents=True)
    path = folder / "session.db"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(kept.image if kept else b"")
    return path


def _do(first: First, path: Path) -> None:
    """On a connection that is closed afterwards: with the last one its log goes too."""
    connection = Connection(path)
    try:
        first(connection)
    finally:
        connection.close()


def _left_over(folder: Path, masters: MasterKeys, kept: Restored | None, number: UUID) -> Leftover:
    path = folder / SPOOL_NAME
    if not path.exists():
        return Leftover(clean=kept is None)
    left = left_over(path, masters)
    if left.account and left.account != generations.account_id(number, ""):
        raise VaultForeign(file=str(path), number=str(number))
    if left.damage:
        log.error("A part of the spool is put aside as %s.damaged: %s", path, left.damage)
        path.replace(path.with_name(f"{SPOOL_NAME}.damaged"))
    return left
