"""Start the kernel behind a page, with limits that the page's own code cannot lift.

`python -I -m joren.serve.kernel MEGABYTES -f CONNECTION_FILE`
"""

from __future__ import annotations

import resource
import sys

CPU_SECONDS = 600
OPEN_FILES = 256


def limit_resources(megabytes: int) -> None:
    """Cap this process's memory, processor time and open files for good.

    The memory cap is on private writable memory (`RLIMIT_DATA`): a cap on the address space would
    count what DuckDB only reserves, and break it.

    Parameters
    ----------
    megabytes : private writable memory the process may hold
    """
    caps = {
        resource.RLIMIT_DATA: megabytes * 1024 * 1024,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, cap in caps.items():
        resource.setrlimit(kind, (cap, cap))


def main() -> None:
    """Limit, then become an IPython kernel that keeps no history and no debugger."""
    limit_resources(int(sys.argv[1]))
    from ipykernel.kernelapp import IPKernelApp

    IPKernelApp.launch_instance(
        [
            *sys.argv[2:],
            "--HistoryManager.enabled=False",
            "--InteractiveShell.cache_size=0",
            "--IPKernelApp.exec_PYTHONSTARTUP=False",
            "--IPKernelApp.extensions=[]",
        ]
    )


if __name__ == "__main__":
    main()
