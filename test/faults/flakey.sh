#!/bin/bash
# Cuts the power of a disk while four cameras are recorded to it: the kernel's dm-flakey drops every write from a random
# moment on, also those of which the disk has said that they are done. Everything on the device is lost.
#   flakey.sh PROGRAM MEDIA DEVICE ROUNDS    PROGRAM is flakey.ts in one file, MEDIA what it encoded; needs root, dmsetup, ext4
set -eu
program=$1 media=$2 device=$3 rounds=$4
name=nightjar-flakey-$$ folder=$(mktemp -d) recorder=
sectors=$(blockdev --getsz "$device")

finish() {
  [ -z "$recorder" ] || kill -9 "$recorder" 2>/dev/null || true
  umount "$folder/disk" 2>/dev/null || true
  dmsetup remove --retry "$name" 2>/dev/null || true
  rm -rf "$folder"
}
trap finish EXIT

table() { # linear: as it is; flakey: writes are dropped from now on. What memory holds is not written first.
  local text="0 $sectors linear $device 0"
  [ "$1" = linear ] || text="0 $sectors flakey $device 0 0 3600 1 drop_writes"
  echo "$text" | dmsetup load "$name"
  before=$(date +%s%3N)
  dmsetup suspend --nolockfs --noflush "$name"
  after=$(date +%s%3N) # Nothing has reached the device since then, nor will.
  dmsetup resume "$name"
}

echo "0 $sectors linear $device 0" | dmsetup create "$name"
disk=/dev/mapper/$name
[ -e "$disk" ] || dmsetup mknodes "$name"
mkfs.ext4 -q -F "$disk"
mkdir "$folder/disk"
for round in $(seq "$rounds"); do
  since=$(date +%s%3N)
  mount -t ext4 "$disk" "$folder/disk"
  mkdir -p "$folder/disk/state" "$folder/disk/media"
  : > "$folder/log"
  node "$program" record "$folder/disk" "$media" > "$folder/log" & recorder=$!
  for _ in $(seq 600); do [ -s "$folder/log" ] && break; sleep 0.5; done
  [ -s "$folder/log" ] || { echo "nothing is recorded" >&2; exit 1; }
  sleep "$((4 + RANDOM % 6)).$((RANDOM % 10))"
  table flakey
  cut="$before $after"
  touch "$folder/disk/after-the-cut"
  sync "$folder/disk/after-the-cut"
  sleep 0.5
  kill -9 "$recorder"; wait "$recorder" 2>/dev/null || true; recorder=
  umount "$folder/disk"
  table linear
  mount -t ext4 "$disk" "$folder/disk"
  [ ! -e "$folder/disk/after-the-cut" ] || { echo "the device did not drop what was written" >&2; exit 1; }
  echo "round $round:"
  [ "$round" -lt "$rounds" ] || since=0 # In the end all files are played once more.
  node "$program" verify "$folder/disk" "$folder/log" $cut "$since"
  umount "$folder/disk"
done
echo "$rounds power cuts: every file plays, and no more is lost than may be"
