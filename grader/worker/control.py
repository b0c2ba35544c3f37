"""The words between the judge, the zygote and a guardian, on the control socket."""

from typing import TypeAlias

from msgspec import Struct

from grader.wire.messages import Forbidden, Limits


class Fencing(Struct, frozen=True):
    """How the judge wants its workers fenced in.

    Args:
        control_fd: the zygote's end of the control socket.
        fenced: the zygote is inside bubblewrap, and children are to take namespaces of their own.
        become: the user id to change to first (when started by root), or None.
        readable: what a worker may read, where Landlock is the only fence around files.
        below_tmp: what of Python is mounted below /tmp, and has to stay in sight there.
        worker_uid: the user id that a worker of root's changes to, without bubblewrap; None where
            that user could not reach Python.
        without: fences to leave out, so that a test can see what each of them holds.
        devices: device files of a GPU that workers may use.
    """

    control_fd: int
    fenced: bool = False
    become: int | None = None
    readable: tuple[str, ...] = ("/",)
    below_tmp: tuple[str, ...] = ()
    worker_uid: int | None = None
    without: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()


class Hello(Struct, frozen=True, tag=True):
    """Zygote to judge, before torch is imported: the sandbox stands."""

    uid: int


class Ready(Struct, frozen=True, tag=True):
    """Zygote to judge.

    Torch is imported. `layers` are the fences that a worker will get; `nested` says whether they
    are its own.
    """

    layers: tuple[str, ...]
    nested: bool
    problem: str = ""


class Fork(Struct, frozen=True, tag=True):
    """Judge to zygote: fork a worker; its wire and its output pipe come along.

    `forbidden` is what `Load` will forbid: it is looked for once, before the fork.
    """

    token: int
    limits: Limits
    forbidden: Forbidden = Forbidden()


class Preload(Struct, frozen=True, tag=True):
    """Judge to zygote: import these, once for all workers to come (they are slow to import)."""

    modules: tuple[str, ...]


class Preloaded(Struct, frozen=True, tag=True):
    """Zygote to judge: imported, where they are installed."""


class Kill(Struct, frozen=True, tag=True):
    """Judge to zygote: end that worker and all that it started."""

    token: int


class Exited(Struct, frozen=True, tag=True):
    """Guardian to judge: the worker is gone.

    `problem`: it never began, and why. `overfull`: it was ended because it wrote too much.
    `overgrown`: it was ended because it had too much memory, where no limit of the kernel's holds.
    """

    token: int
    code: int = 0
    signal: int = 0
    cpu_s: float = 0.0
    problem: str = ""
    overfull: bool = False
    overgrown: bool = False


ToZygote: TypeAlias = Preload | Fork | Kill
ToJudge: TypeAlias = Hello | Ready | Preloaded | Exited
