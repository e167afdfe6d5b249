# What people do here; `make help` lists it.
CLIENT ?= demo
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help set-up run test calibrate bench lint format lab dashboard hub hub-proxy demo-data lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

set-up:  ## create or update .venv (quick when nothing changed)
	@./bootstrap.sh

run: set-up  ## run the whole pipeline: make run CLIENT=demo
	@$(BIN)/joren run $(CLIENT)

test: set-up lint  ## lint, then all tests
	@# two processes already: a further thread of linear algebra in each only waits for the others
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal

calibrate: set-up  ## hours: simulation-based calibration of every model, forecasts of large simulated clients
	@$(BIN)/python -m tests.ltv.sbc
	@$(BIN)/python -m tests.churn.sbc
	@$(BIN)/python -m tests.routes.calibrate_routes
	@$(BIN)/python -m tests.stats.calibrate_experiments
	@$(BIN)/python -m joren.ltv.calibrate
	@$(BIN)/python -m tests.ltv.calibrate_arms
	@$(BIN)/python -m tests.experiments.calibrate_quasi
	@$(BIN)/python -m tests.routes.calibrate_credit
	@$(BIN)/python -m joren.campaigns.calibrate

bench: set-up  ## an hour: time and memory of reading, linking, sampling, forecasting and points
	@$(BIN)/python benchmarks/ingest.py params/demo.yaml
	@$(BIN)/python benchmarks/identity.py 1000000 --new 10000
	@$(BIN)/python benchmarks/ltv_sampling.py
	@$(BIN)/python benchmarks/ltv.py prediction
	@$(BIN)/python benchmarks/ltv.py whole --customers 10000000
	@$(BIN)/python benchmarks/points.py
	@$(BIN)/python benchmarks/completejourney.py

lint: set-up  ## style, imports, notebooks without outputs
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/nbstripout --keep-id --verify notebooks/*/*.ipynb

format: set-up  ## bring code and notebooks into shape
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .
	@$(BIN)/nbstripout --keep-id notebooks/*/*.ipynb

lab: set-up  ## JupyterLab on the notebooks
	@$(BIN)/jupyter lab notebooks

dashboard: set-up  ## serve a client's dashboard: make dashboard CLIENT=demo
	@$(BIN)/joren serve $(CLIENT)

hub: set-up hub-proxy  ## serve every client that has users, behind one login
	@$(BIN)/joren serve --all

hub-proxy:  ## fetch the hub's proxy into .tools (needs Node 18 or newer)
	@test -x .tools/node_modules/.bin/configurable-http-proxy || \
		npm install --silent --no-audit --no-fund --prefix .tools configurable-http-proxy@5

demo-data: set-up  ## write the demo client's raw files anew
	@$(BIN)/joren simulate demo

lock: set-up  ## resolve requirements.lock anew from pyproject.toml
	@$$(ls .tools/bin/uv 2>/dev/null || command -v uv) pip compile --quiet --universal --generate-hashes \
		--no-emit-index-url --no-header --python-version 3.12 --group dev pyproject.toml -o requirements.lock

clean:  ## remove generated runs and caches (never state/)
	@find reports -mindepth 1 -maxdepth 1 ! -name template -exec rm -rf {} +
	@rm -rf .pytest_cache .ruff_cache .hypothesis
