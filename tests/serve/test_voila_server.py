from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from joren.serve import voila_server
from joren.serve.launch import DEFAULT


def _config(private: Path):
    settings = vars(DEFAULT) | {"site": str(private / "site"), "private": str(private)}
    return voila_server.voila_config(settings | {"token": "secret", "failed": {}})


def test_every_lock_of_voila_is_shut(tmp_path):
    c = _config(tmp_path)
    v = c.VoilaConfiguration
    assert c.Voila.ip == "127.0.0.1"
    assert c.Voila.port_retries == 0
    assert c.Voila.config_file_paths == []
    assert (v.allow_template_override, v.allow_theme_override) == ("NO", "NO")
    assert v.file_allowlist == [] and v.http_header_envs == []
    assert v.strip_sources is True and v.show_tracebacks is False
    assert v.preheat_kernel is False and v.progressive_rendering is False
    assert c.KernelManager.transport == "ipc"
    assert c.PageKernels.cull_idle_timeout == 900 and c.PageKernels.cull_connected is True


def test_a_kernels_environment_has_neither_token_nor_query(tmp_path):
    environment = voila_server.kernel_environment(tmp_path)
    assert set(environment) == {"PATH", "HOME", "TMPDIR", "IPYTHONDIR", "LANG", "OMP_NUM_THREADS"}
    assert _config(tmp_path).PageKernels.page_env == environment


def test_the_one_kernel_there_is_has_the_notebooks_name():
    assert _config(Path("/tmp")).KernelSpecManager.allowed_kernelspecs == {"python3"}


class _NoPages:
    def folders_in_use(self) -> set[Path]:
        return set()


def test_a_run_that_cannot_be_shown_leaves_the_one_before_it_served(tmp_path):
    served = tmp_path / "site" / "runs" / "20260401T000000Z"
    served.mkdir(parents=True)
    (tmp_path / "site" / "current").symlink_to("runs/20260401T000000Z")
    broken = tmp_path / "reports" / "20260501T000000Z"
    broken.mkdir(parents=True)
    latest = tmp_path / "reports" / "latest"
    latest.symlink_to(broken.name)
    refresh = voila_server.refresher(latest, tmp_path / "site")
    asyncio.run(refresh(_NoPages()))
    assert (tmp_path / "site" / "current").resolve() == served
    shutil.rmtree(broken)
    asyncio.run(refresh(_NoPages()))
    assert (tmp_path / "site" / "current").resolve() == served


def test_a_page_that_is_only_read_keeps_its_line_through_several_pings():
    from jupyter_server.base.websocket import WS_PING_INTERVAL

    assert voila_server.PING_TIMEOUT_MILLISECONDS >= 2 * WS_PING_INTERVAL
