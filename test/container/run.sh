#!/usr/bin/env bash
# Builds the image of the Dockerfile, starts it, asks for its health and stops it with SIGTERM: it has to leave
# within 5 s with exit code 0. For machines without a container daemon, by hand, as root:
#
#   apt-get install debootstrap buildah
#   npm run test:container
#
# Stand-in for the official image, so that no registry of images is needed: a debootstrapped Debian 12 with this
# machine's own Node. Everything is kept in CONTAINER_CACHE (default .cache/container; rm -rf it at will). With the
# storage driver overlay that is 3 GB; STORAGE_DRIVER=vfs works anywhere, but copies the whole tree for each layer.
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
context=${1:-$here}
cache=$(realpath -m "${CONTAINER_CACHE:-$here/.cache/container}")
port=${CONTAINER_PORT:-18080}
driver=${STORAGE_DRIVER:-overlay}
base=localhost/nightjar-base
image=localhost/nightjar

say() { printf '[%4s s] %s\n' "$SECONDS" "$*"; }
die() { printf 'failed: %s\n' "$*" >&2; exit 1; }
buildah() { command buildah --root "$cache/storage" --runroot "$cache/run" --storage-driver "$driver" "$@"; }

[[ $EUID -eq 0 ]] || die 'this recipe needs root (debootstrap, mount, chroot).'
for command in debootstrap buildah unshare node npm; do
  command -v "$command" >/dev/null || die "$command is missing."
done

container='' mounted='' server='' data=''
clean_up() {
  if [[ -n $server ]]; then kill -KILL "$server" 2>/dev/null || true; fi
  if [[ -n $mounted ]]; then buildah umount "$container" >/dev/null || true; fi
  if [[ -n $container ]]; then buildah rm "$container" >/dev/null || true; fi
  if [[ -n $data ]]; then rm -rf "$data"; fi
}
trap clean_up EXIT

make_base() {
  local node_prefix tree=$cache/bookworm
  if [[ ! -e $cache/bookworm.done ]]; then
    say 'debootstrap: Debian 12'
    rm -rf "$tree"
    mkdir -p "$cache"
    debootstrap --variant=minbase --include=ca-certificates bookworm "$tree" >"$cache/debootstrap.log"
    touch "$cache/bookworm.done"
  fi
  node_prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
  install -D "$(readlink -f "$(command -v node)")" "$tree/usr/local/bin/node"
  mkdir -p "$tree/usr/local/lib/node_modules" "$tree/usr/local/include"
  cp -a "$node_prefix/lib/node_modules/npm" "$tree/usr/local/lib/node_modules/"
  cp -a "$node_prefix/include/node" "$tree/usr/local/include/"
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$tree/usr/local/bin/npm"
  ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$tree/usr/local/bin/npx"
  # A network may have a certificate authority of its own.
  cp /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/"
  grep -q '^node:' "$tree/etc/passwd" || chroot "$tree" useradd --create-home --uid 1000 node
  say 'base image'
  container=$(buildah from scratch)
  # As an archive: added as a folder, everything in it would belong to root.
  tar --create --file "$cache/base.tar" --directory "$tree" .
  buildah add --quiet "$container" "$cache/base.tar" / >/dev/null
  rm "$cache/base.tar"
  buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt "$container"
  buildah commit --quiet --rm "$container" "$base" >/dev/null
  container=''
}

# One value of the image's configuration, as lines.
configured() {
  buildah inspect --type image "$image" | node -e '
    const config = JSON.parse(require("node:fs").readFileSync(0, "utf8")).Docker.config;
    for (const key of process.argv[1].split("+")) for (const line of [config[key]].flat()) console.log(line);
  ' "$1"
}

# The image's root in namespaces of its own, Node as process 1, as a container engine would start it.
inside() {
  local root=$1 script
  shift
  # shellcheck disable=SC2016
  script='
    root=$1 data=$2; shift 2
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --bind "$data/media" "$root/media"
    mount --bind "$data/state" "$root/state"
    exec chroot --userspec=node:node "$root" /usr/bin/env -i --chdir=/app "$@"'
  exec unshare --pid --fork --kill-child --mount --ipc --uts bash -euc "$script" inside "$root" "$data" "$@"
}

[[ -e $cache/storage && -n $(buildah images --quiet "$base" 2>/dev/null) ]] || make_base
say 'image'
# Layers make the next build quick; as copies they would fill the disk.
layers=true
if [[ $driver == vfs ]]; then layers=false; fi
buildah bud --isolation chroot --format docker --force-rm --layers="$layers" --build-arg "BASE=$base" --tag "$image" "$context"
size=$(buildah images --format '{{.Size}}' "$image" | head -n 1)
say "image built, $size"

[[ $(configured StopSignal) == SIGTERM ]] || die 'the image does not name SIGTERM as its stop signal.'
[[ $(configured User) == node ]] || die 'the image does not run as the user node.'
mapfile -t environment < <(configured Env)
# The network is the machine's own here, so the server stays on the loopback.
environment+=(HOME=/home/node NIGHTJAR_HOST=127.0.0.1 "NIGHTJAR_PORT=$port")
mapfile -t command < <(configured Entrypoint+Cmd)

data=$(mktemp -d)
install -d -o 1000 -g 1000 "$data/media" "$data/state"
container=$(buildah from "$image")
mounted=$(buildah mount "$container")
inside "$mounted" "${environment[@]}" "${command[@]}" &
server=$!

# The image's own health check, which is told the port through the environment like the server.
mapfile -t health < <(buildah inspect --type image "$image" | node -e '
  const { config } = JSON.parse(require("node:fs").readFileSync(0, "utf8")).Docker;
  for (const word of config.Healthcheck.Test.slice(1)) console.log(word);')
healthy() { chroot --userspec=node:node "$mounted" /usr/bin/env -i "${environment[@]}" "${health[@]}"; }

started=$SECONDS
until healthy; do
  kill -0 "$server" 2>/dev/null || { wait "$server" || die "the server ended by itself with exit code $?."; }
  ((SECONDS - started < 60)) || die 'no good answer from /healthz within 60 s.'
  sleep 0.5
done
say "healthy $((SECONDS - started)) s after the start"

# Process 1 of the namespace is the only child of unshare.
node_pid=$(pgrep -P "$server")
stopping=$(date +%s%N)
kill -TERM "$node_pid"
status=0
( sleep 5; kill -KILL "$node_pid" 2>/dev/null ) & killer=$!
wait "$server" || status=$?
kill "$killer" 2>/dev/null || true
server=''
say "stopped in $((($(date +%s%N) - stopping) / 1000000)) ms with exit code $status"
[[ $status -eq 0 ]] || die 'the exit code is not 0 (137: it did not end within 5 s).'
say 'passed'
