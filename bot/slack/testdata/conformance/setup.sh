#!/bin/sh
# Prints the folder of a Node of at least version 20 after installing what the
# checks need: Node from the npm registry where the system's is older, the
# packages of package-lock.json, Chromium and fonts from apt. Messages go to
# stderr.
set -eu
cd "$(dirname "$0")"
cache=${WENBAO_NODE_CACHE:-node_modules/.node}

major() { "$1" --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/'; }

node=$(command -v node || true)
if [ -z "$node" ] || [ "$(major "$node")" -lt 20 ]; then
	command -v npm >/dev/null || { echo "npm is needed to install Node" >&2; exit 1; }
	npm install --prefix "$cache" --no-save --no-package-lock node@22 >&2
	node=$(cd "$cache/node_modules/node/bin" && pwd)/node
fi
bin=$(dirname "$node")
[ -d node_modules/@slack/bolt ] || PATH="$bin:$PATH" npm ci --ignore-scripts >&2
if ! command -v chromium >/dev/null && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fonts-noto-color-emoji; } >&2
elif command -v fc-list >/dev/null && [ -z "$(fc-list :lang=zh)" ] && command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends fonts-noto-cjk fonts-noto-color-emoji; } >&2
fi
echo "$bin"
