#!/usr/bin/env bash
# Installs the peers from Debian's packages where they are missing: Lucene and
# a JDK, SQLite and Xapian for the system's Python.
set -euo pipefail

missing=()
have() { dpkg -s "$1" >/dev/null 2>&1; }

command -v javac >/dev/null || missing+=(default-jdk-headless)
for package in liblucene8-java python3 python3-xapian; do
  have "$package" || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  exit 0
fi
if [[ $(id -u) != 0 ]]; then
  echo "peers need: ${missing[*]}" >&2
  exit 1
fi
echo "installing ${missing[*]}" >&2
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
