"""Runs the conformance cases: ``python -m conformance_runner --help``."""

from __future__ import annotations

import argparse
import faulthandler
import os
import sys
import threading
from collections import Counter
from pathlib import Path

from .expect import MismatchError
from .load import CONFORMANCE, LoadedCase, load
from .rule import left_out
from .run import run
from .server import Server
from .surface import Surface, open_surface
from .world import World

# After this time a case counts as hung.
CASE_SECONDS = 60

# How many cases run at least: the rule that leaves cases out cannot leave out too many unnoticed.
RECORDED = {"extism": 476, "plugwright": 506}


def main() -> int:
    """Runs what the arguments say, and returns the exit code."""
    arguments = _arguments()
    # A crash says at which call.
    faulthandler.enable()
    cases = load()
    surface = open_surface(arguments.module, arguments.library)
    reasons = {loaded.case.name: left_out(loaded.case, surface.abilities) for loaded in cases}
    expressible = [loaded for loaded in cases if reasons[loaded.case.name] is None]
    chosen = [
        loaded
        for loaded in expressible
        if arguments.topic in (None, loaded.topic) and (arguments.case or "") in loaded.case.name
    ]
    not_built = [loaded for loaded in chosen if loaded.unbuilt_guest(arguments.guests)]
    failures = []
    with Server() as server:
        for loaded in chosen:
            if loaded not in not_built:
                problem = _run_in_time(loaded, server, arguments.guests, surface)
                if loaded.case.name in arguments.differs:
                    problem = "passed, and was to differ" if problem is None else None
                if problem is not None:
                    failures.append(f"  {loaded.topic}, {loaded.case.name}: {problem}")
                    print(failures[-1], flush=True)
    passed = len(chosen) - len(not_built) - len(failures)
    print(f"{passed} of {len(cases)} cases passed, {len(failures)} failed")
    for reason, count in Counter(filter(None, reasons.values())).most_common():
        print(f"  {count} left out: {reason}")
    if len(expressible) < RECORDED[arguments.module]:
        failures.append("too few")
        print(f"{len(expressible)} cases can be expressed: less than {RECORDED[arguments.module]}")
    if not_built:
        print(f"{len(not_built)} skipped, whose guests are not built: run `cargo xtask guests`")
        # Where every guest can be built, none may be missing.
        if "PLUGWRIGHT_ALL_GUESTS" in os.environ:
            failures.append("guests are missing")
    return 1 if failures else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("conformance_runner", description=__doc__)
    parser.add_argument("--module", choices=sorted(RECORDED), required=True, help="the module under test")
    parser.add_argument("--library", type=Path, help="what `extism` uses instead of its own library")
    parser.add_argument("--guests", type=Path, default=CONFORMANCE.parent / "guests", help="their folder")
    parser.add_argument("--topic", help="only the cases of this file")
    parser.add_argument("--case", help="only cases whose name contains this")
    parser.add_argument(
        "--differs", action="append", default=[], metavar="CASE", help="a case that the module does otherwise"
    )
    return parser.parse_args()


def _run_in_time(loaded: LoadedCase, server: Server, guests: Path, surface: Surface) -> str | None:
    """Runs a case on a thread of its own, which is left behind when it hangs; returns what went wrong."""
    problems: list[str | None] = [f"still running after {CASE_SECONDS} s"]

    def body() -> None:
        try:
            with World(server, guests) as world:
                run(loaded.resolve(world), world, surface)
            problems.append(None)
        except MismatchError as error:
            problems.append(str(error))
        # Whatever else a case comes to is its failure, and no reason to run no other.
        except Exception as error:
            problems.append(f"{type(error).__name__}: {error}")

    thread = threading.Thread(target=body, name=loaded.case.name, daemon=True)
    thread.start()
    thread.join(CASE_SECONDS)
    return problems[-1]


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not `sys.exit`: a case that hangs would not let the interpreter end.
    os._exit(code)
