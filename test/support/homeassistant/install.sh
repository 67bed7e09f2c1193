#!/bin/bash
# install.sh FOLDER SUITE VERSION: a Debian with Home Assistant in FOLDER. Root and debootstrap needed; no compiler: all
# of it is wheels. Nothing that runs in there can look anything up: it has no resolv.conf.
set -euo pipefail
folder=$1 suite=$2 version=$3
sources=/etc/apt/sources.list.d/debian.sources
mirror=$(awk '/^URIs:/ { print $2; exit }' "$sources" 2>/dev/null || true)
: "${mirror:=http://deb.debian.org/debian}"
# Debian 12's debootstrap does not know later releases by name; sid's script makes them all.
scripts=/usr/share/debootstrap/scripts
script=$scripts/$suite
[ -e "$script" ] || script=$scripts/sid
debootstrap --variant=minbase "$suite" "$folder" "$mirror" "$script" >/dev/null
mount -t proc proc "$folder/proc"
mount --rbind /dev "$folder/dev"
mount --make-rslave "$folder/dev"
printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d"
chmod 755 "$folder/usr/sbin/policy-rc.d"

apt() { DEBIAN_FRONTEND=noninteractive chroot "$folder" apt-get -qq -o Acquire::Check-Valid-Until=false -o APT::Install-Recommends=false "$@" >/dev/null; }
echo "deb $mirror $suite main" >"$folder/etc/apt/sources.list"
apt update
apt install -y python3 python3-venv
apt clean
rm -rf "$folder"/var/lib/apt/lists/*

ha=$folder/opt/ha
mkdir -p "$ha"
cp -L "${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}" "$ha/ca.crt"
python3 -m pip download -q --no-deps -d "$ha" uv
python3 -m zipfile -e "$ha"/uv-*.whl "$ha/wheel"
cp "$ha"/wheel/*/scripts/uv "$ha/uv"
chmod 755 "$ha/uv"
rm -rf "$ha"/wheel "$ha"/uv-*.whl

uv() { chroot "$folder" /usr/bin/env SSL_CERT_FILE=/opt/ha/ca.crt UV_PYTHON_DOWNLOADS=never UV_CACHE_DIR=/opt/ha/cache /opt/ha/uv -q "$@"; }
# Versions that Home Assistant pins, and of which there is no wheel.
printf 'lru-dict==1.4.1\n' >"$ha/override.txt"
# Without aiohasupervisor 2026.11's MQTT does not load.
more=(paho-mqtt==2.1.0 aiohasupervisor)
case $version in 2024.*)
  printf 'ciso8601==2.3.3\n' >>"$ha/override.txt"
  more=(paho-mqtt==1.6.1)
  ;;
esac
uv venv --python /usr/bin/python3 /opt/ha/venv
uv pip install --python /opt/ha/venv/bin/python --override /opt/ha/override.txt "homeassistant==$version" "${more[@]}"
rm -rf "$ha/cache"

# The frontend always loads; these empty files stand for its 110 MB.
web=$ha/noweb/hass_frontend
mkdir -p "$web"/{static,frontend_latest,frontend_es5}
for file in service_worker.js sw-modern.js sw-modern.js.map sw-legacy.js sw-legacy.js.map robots.txt onboarding.html authorize.html index.html; do
  : >"$web/$file"
done
rm -f "$folder/etc/resolv.conf"
chroot "$folder" bash -c '/opt/ha/venv/bin/python -m compileall -q -j 2 /opt/ha/venv/lib/python3.*/site-packages/homeassistant/{*.py,auth,helpers,util,components/mqtt}' >/dev/null 2>&1 || true
