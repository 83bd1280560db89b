"""Does things to a project again and again, each time with a fault at another call of the system.

`faults.so` must be preloaded. Each case is a process of its own, forked from this one, which has
all libraries at hand. Prints a line of JSON a case: what was done, the kind of fault, the call it
was at, how many calls there are, and a list of what is wrong afterwards.

    LD_PRELOAD=…/faults.so python -m worlds.faults.runs KEPT FOLDER CASES SEED [OPERATION]...
"""

import ctypes
import importlib
import json
import os
import random
import signal
import sys
import traceback
from contextlib import suppress
from pathlib import Path

from worlds.faults import operations

from workbench.errors import WorkbenchError

KINDS = {"full": 1, "full once": 2, "last": 3}  # as in faults.c
KILLED, SENTENCE, TRACEBACK = 9, 2, 1
_PATIENCE = 60  # seconds
_HEAVY = frozenset({"torch", "scipy", "sklearn", "faiss", "safetensors", "workbench"})

shim = ctypes.CDLL(None)


def in_a_fork(work, patience=_PATIENCE):
    """Return what a function returns in a process of its own, and how that ended."""
    here, there = os.pipe()
    process = os.fork()
    if process == 0:
        signal.alarm(patience)
        os.close(here)
        code = 0
        try:
            result = work()
        except WorkbenchError as error:
            result, code = str(error), SENTENCE
        except BaseException:
            result, code = traceback.format_exc(), TRACEBACK
        with os.fdopen(there, "w") as answer:
            json.dump([result, list(sys.modules)], answer)
        os._exit(code)
    os.close(there)
    with os.fdopen(here) as answer:
        told = answer.read()
    _, status = os.waitpid(process, 0)
    result, modules = json.loads(told) if told else (None, ())
    _import(modules)
    return result, os.waitstatus_to_exitcode(status)


def _import(modules):
    """Import here what a fork has imported, so that the next ones need not."""
    for name in modules:
        if name not in sys.modules and name.partition(".")[0] in _HEAVY:
            with suppress(Exception):
                importlib.import_module(name)


class Cases:
    """The cases of one operation."""

    def __init__(self, name, kept, folder):
        self.name, self.kept, self.folder = name, kept, folder
        operations.copy_back(kept, folder)
        self.before, ended = in_a_fork(self._made_ready)
        assert ended == 0, self.before
        told, ended = self._with_fault(0, 0)
        assert ended == 0, told
        self.calls = told
        (self.after, _), _ = in_a_fork(self._look)

    def _made_ready(self):
        operations.make_ready(self.name, self.folder)
        return operations.state_of(self.folder)

    def _look(self):
        return operations.state_of(self.folder), operations.strange_things_in(self.folder)

    def _do_again(self):
        operations.do(self.name, self.folder)
        return self._look()

    def _with_fault(self, kind, point):
        """Do it, and return how many calls there were, and how it ended."""
        operations.copy_back(self.kept, self.folder)

        def work():
            project = operations.make_ready(self.name, self.folder)
            shim.faults_arm(str(self.folder).encode(), ctypes.c_long(point), kind)
            try:
                operations.do(self.name, self.folder, project)
            finally:
                calls = shim.faults_calls()
                shim.faults_arm(b"", ctypes.c_long(0), 0)
            return calls

        return in_a_fork(work)

    def tried(self, kind, point):
        """Return what is wrong after a fault; nothing, as it should be."""
        wrong = []
        told, ended = self._with_fault(KINDS[kind], point)
        if ended not in ((KILLED,) if kind == "last" else (0, SENTENCE)):
            wrong.append(f"ended with {ended}: {told}")
        found, ended = in_a_fork(self._look)
        if ended != 0:
            return [*wrong, f"cannot be looked at: {found}"]
        parts, strange = found
        wrong += self._lost(parts) + (strange if kind != "last" else [])
        found, ended = in_a_fork(self._do_again)
        if ended != 0:
            return [*wrong, f"a second try ended with {ended}: {found}"]
        again, strange = found
        differ = [
            name
            for name in {**again, **self.after}
            if again.get(name) != self.after.get(name) and not name.startswith("deleted")
        ]
        return wrong + [f"a second try differs in {name}" for name in differ] + strange

    def _lost(self, found):
        """Return which parts are neither as before nor as after."""
        wrong = []
        for name in {**found, **self.before, **self.after}:
            part, before, after = found.get(name), self.before.get(name), self.after.get(name)
            if part in (before, after) or (part == "interrupted" and before is None):
                continue
            # an encode that was cut off has kept a part of what it was to do
            if name.endswith(".h5") and _between(before, part, after):
                continue
            wrong.append(f"{name}: {part}, before {before}, after {after}")
        return wrong


def _between(before, part, after):
    if not part or not part.startswith("["):
        return False
    old, found, new = (set(json.loads(each or "[]")) for each in (before, part, after))
    return old <= found <= new


def main():
    kept, folder, most, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    chance = random.Random(seed)
    names = sys.argv[5:] or operations.OPERATIONS
    _import(["torch"])  # or the first fork does so as well, which takes seconds
    if not kept.exists():
        folder.mkdir()
        told, ended = in_a_fork(lambda: operations.make_world(folder), 250)
        assert ended == 0, told
        folder.rename(kept)
    for name in names:
        cases = Cases(name, kept, folder)
        tries = [(kind, point) for kind in KINDS for point in range(1, cases.calls + 1)]
        if most:
            tries = chance.sample(tries, min(most, len(tries)))
        for kind, point in tries:
            print(
                json.dumps([name, kind, point, cases.calls, cases.tried(kind, point)]), flush=True
            )


if __name__ == "__main__":
    main()
