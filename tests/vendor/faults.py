"""What can go wrong with a call, by name; armed for the next calls that match."""

from collections.abc import Callable
from dataclasses import dataclass

WRITES = ("POST", "PUT", "PATCH")
BEFORE = ("fail_before", "hang_before", "kill_before", "late", "busy", "busy_plain", "limited")
AFTER = ("fail_after", "hang", "drop", "kill_after", "html")
"""The first are met before anything was done, the others when it was; what is `late` is done when it arrives."""


@dataclass
class Fault:
    """`skip` matching calls go well before it, and it is met `times` times."""

    kind: str
    methods: tuple[str, ...] = WRITES
    path: str = ""
    skip: int = 0
    times: int = 1
    met: int = 0

    def meets(self, method: str, path: str) -> bool:
        if self.times == 0 or method not in self.methods or self.path.lower() not in path.lower():
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        self.met += 1
        return True


@dataclass
class Hooks:
    """Called in the vendor's thread around each write: to change something in its portal, or to kill a process."""

    before_write: Callable[[str, str], None] | None = None
    after_write: Callable[[str, str], None] | None = None
    kill: Callable[[], None] | None = None
