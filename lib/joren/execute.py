"""Execute one notebook with Papermill in a process of its own: `python -m joren.execute …`.

Papermill changes the process's working directory and keeps global state, so every step has its
own process; this one ends when the run that started it ends, however that happened.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

# queries and models are very many small objects that stay: the usual 700 is far too often
_COLLECT_SELDOM = "__import__('gc').set_threshold(50_000)"


def main() -> int:
    """Execute the notebook named on the command line; the exit status is not the proof."""
    notebook, output, parameters = sys.argv[1:4]
    _end_with(int(os.environ["JOREN_PARENT"]))
    import logging

    # jsonschema loads this grammar if it can (1.6 s) to check addresses; notebooks hold none
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

    import papermill
    from papermill.exceptions import PapermillExecutionError

    # papermill warns of parameters the notebook does not declare; for us that is an error
    declared = papermill.inspect_notebook(notebook)
    given = json.loads(parameters)
    unknown = sorted(given.keys() - declared.keys())
    if unknown:
        print(f"the notebook declares no parameter {unknown[0]!r}", file=sys.stderr)
        return 2
    logging.getLogger("papermill").setLevel(logging.ERROR)
    try:
        papermill.execute_notebook(
            notebook,
            output,
            parameters=given,
            kernel_name="python3",
            progress_bar=False,
            cwd=str(Path(notebook).parent),
            request_save_on_cell_execute=True,
            # everything a step leaves is on disk by now; a graceful end takes seconds
            shutdown_kernel="immediate",
            extra_arguments=[f"--IPKernelApp.exec_lines={_COLLECT_SELDOM}"],
        )
    except PapermillExecutionError as error:
        print(f"{error.ename}: {error.evalue}", file=sys.stderr)
        return 1
    return 0


def _end_with(parent: int) -> None:
    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
