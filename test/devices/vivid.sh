#!/bin/bash
# Runs capture.mjs on the kernel's test devices: vivid for the picture, snd-aloop for the sound. As root, on a machine
# that may lose them (an emulated one): PROGRAM is the built dist/main.js, WORK a folder that can be written.
set -eu
here=$(dirname "$(readlink -f "$0")")
driver=/sys/bus/platform/drivers/vivid
device=${VIVID:-vivid.0}
card=$(sed -n 's/^ *\([0-9]*\) \[Loopback.*/\1/p' /proc/asound/cards | head -1)
# A name that the device keeps, as udev makes them: GStreamer 1.22 goes on holding a node whose device is gone, so that
# the kernel gives the device another number when it comes back.
export VIDEO=/dev/v4l/by-path/$device-video-index0
link="mkdir -p /dev/v4l/by-path; ln -sfn /dev/\$(ls $driver/$device/video4linux | grep -m 1 video) $VIDEO"
eval "$link"
export LOSE="echo $device > $driver/unbind; rm $VIDEO" FIND="echo $device > $driver/bind; $link"
if [ -n "$card" ]; then
  export AUDIO="hw:$card,1" FEED="audio/x-raw,rate=48000,channels=2,format=S16LE ! alsasink device=hw:$card,0"
fi
exec node "$here/capture.mjs"
