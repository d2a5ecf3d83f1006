#!/usr/bin/env bash
# Installs the peers that judge what goes to Telegram. Where the system's Node
# is older than 20, one from the npm registry is installed beside them.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v npm >/dev/null; then
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    echo "conformance needs node and npm: install them" >&2
    exit 1
  fi
  echo "installing node and npm" >&2
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm >&2
fi

major() { node -p 'process.versions.node.split(".")[0]'; }

npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
if (( $(major) < 20 )); then
  echo "installing a newer node" >&2
  npm install --no-save --no-package-lock --no-audit --no-fund --loglevel=error --prefix .node node@20
fi
