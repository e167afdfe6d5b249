#!/usr/bin/env bash
# Set up .venv from requirements.lock; does nothing when that was done already.
# Uses uv where it really works, else any Python >= 3.12 it can run, and fetches uv into .tools.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

stamp=.venv/.set-up
wanted=$(cat requirements.lock pyproject.toml bootstrap.sh | cksum)
if [[ -x .venv/bin/joren && "$(cat "$stamp" 2>/dev/null)" == "$wanted" ]]; then
    exit 0
fi

works() { "$@" >/dev/null 2>&1; }

# A pyenv shim answers to a name and then fails, so each candidate is run before it is believed.
find_python() {
    local name path
    for name in python3.12 python3.13 python3.14 python3 python; do
        while read -r path; do
            if works "$path" -c 'import sys; sys.exit(sys.version_info < (3, 12))'; then
                "$path" -c 'import sys; print(sys.executable)'
                return
            fi
        done < <(type -aP "$name" || true)
    done
    for path in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python3; do
        if works "$path" -c ''; then
            echo "$path"
            return
        fi
    done
}

find_uv() {
    local path
    for path in .tools/bin/uv $(type -aP uv || true) "$HOME/.local/bin/uv" "$HOME/.cargo/bin/uv"; do
        if works "$path" --version; then
            echo "$path"
            return
        fi
    done
}

python=$(find_python)
uv=$(find_uv)
if [[ -z "$uv" && -z "$python" ]]; then
    echo "bootstrap: neither Python 3.12 or newer nor uv was found; install one of them." >&2
    exit 1
fi
if [[ -z "$uv" ]]; then
    echo "bootstrap: fetching uv into .tools"
    if ! "$python" -m venv .tools; then
        echo "bootstrap: $python cannot make a virtual environment; install its venv package, or uv." >&2
        exit 1
    fi
    .tools/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'
    uv=.tools/bin/uv
fi

echo "bootstrap: setting up .venv"
if ! works .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 12))'; then
    rm -rf .venv
    # the interpreter by its path: uv stops at the first shim that fails
    "$uv" venv --quiet --python "${python:-3.12}" .venv
fi
rm -f "$stamp"
"$uv" pip sync --quiet --compile-bytecode --python .venv/bin/python --require-hashes requirements.lock
"$uv" pip install --quiet --python .venv/bin/python --no-deps --editable .
echo "$wanted" >"$stamp"
