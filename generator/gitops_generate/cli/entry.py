"""The entry point: one command in, one exit code out."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from gitops_generate.cli.app import app
from gitops_generate.errors import Refused, WrongAnswer
from gitops_validate.errors import EngineError
from gitops_validate.report.escape import visible

REFUSED, USAGE, INTERRUPTED = 1, 2, 130


def main() -> NoReturn:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code: 0 done, 1 refused or conflicts, 2 wrong use or answer, 130 interrupted. Never raises."""
    try:
        code: Any = app.main(list(arguments), prog_name="gitops-generate", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except (click.Abort, KeyboardInterrupt):
        return _say("interrupted", INTERRUPTED)
    except click.ClickException as fault:
        return _say(fault.format_message(), USAGE)
    except WrongAnswer as fault:
        return _say(str(fault), USAGE)
    except OSError as fault:
        return _say(f"{fault.filename or 'a file'}: {fault.strerror or fault}", REFUSED)
    except (Refused, EngineError) as fault:
        return _say(str(fault), REFUSED)
    except Exception as fault:  # noqa: BLE001 - whatever happens is one sentence and an exit code
        if os.environ.get("GITOPS_VALIDATE_TRACEBACK"):
            traceback.print_exception(fault)
        return _say(f"a fault of gitops-generate itself: {type(fault).__name__}: {str(fault)[:300]}", REFUSED)


def _say(sentence: str, code: int) -> int:
    print(f"gitops-generate: {visible(sentence)}", file=sys.stderr)
    return code
