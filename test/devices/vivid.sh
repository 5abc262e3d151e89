#!/bin/bash
# Runs capture.mjs on the kernel's test devices: vivid for the picture, snd-aloop for the sound. As root, on a machine
# that may lose them (an emulated one): PROGRAM is the built dist/main.js, WORK a folder that can be written.
set -eu
here=$(dirname "$(readlink -f "$0")")
driver=/sys/bus/platform/drivers/vivid
device=${VIVID:-vivid.0}
card=$(sed -n 's/^ *\([0-9]*\) \[Loopback.*/\1/p' /proc/asound/cards | head -1)
export LOSE="echo $device > $driver/unbind" FIND="echo $device > $driver/bind"
if [ -n "$card" ]; then
  export AUDIO="hw:$card,1" FEED="audio/x-raw,rate=48000,channels=2,format=S16LE ! alsasink device=hw:$card,0"
fi
exec node "$here/capture.mjs"
