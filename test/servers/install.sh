#!/usr/bin/env bash
# Installs what the tests use beside npm packages, by Debian's names: a browser, fonts for Chinese, databases, and
# MQTT clients written by somebody else. Does nothing where they are there already.
set -euo pipefail
missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v mosquitto_pub >/dev/null || missing+=(mosquitto-clients)
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing+=(postgresql)
command -v influxd >/dev/null || missing+=(influxdb influxdb-client)
command -v victoria-metrics >/dev/null || missing+=(victoria-metrics)
fc-list 2>/dev/null | grep -qi 'noto.*cjk' || missing+=(fonts-noto-cjk fontconfig)
[ ${#missing[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null; then
  echo "missing: ${missing[*]}; install them with your system's package manager" >&2
  exit 0
fi
sudo=''
[ "$(id -u)" -eq 0 ] || sudo=sudo
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}"
