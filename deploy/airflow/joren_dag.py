"""Every client's sequence each night, one task a client, for those who schedule with Airflow.

Airflow has an environment of its own; Joren is called by its command, which keeps each client's
lock, reuses what did not change and publishes whole or not at all. A status other than 0 fails
the task; the run published before stays served.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

JOREN = Path("/opt/joren")
CLIENTS = sorted(file.stem for file in (JOREN / "params").glob("*.yaml") if file.stem != "defaults")

with DAG(
    dag_id="joren",
    description="Run and publish every client",
    schedule="30 3 * * *",
    start_date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    catchup=False,
    max_active_runs=1,
    max_active_tasks=2,
    default_args={"retries": 1, "retry_delay": dt.timedelta(minutes=10)},
) as dag:
    for client in CLIENTS:
        BashOperator(
            task_id=f"run_{client}",
            bash_command=f".venv/bin/joren run {client}",
            cwd=str(JOREN),
            execution_timeout=dt.timedelta(hours=6),
        )
