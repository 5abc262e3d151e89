#!/bin/bash
# Runs capture.mjs on the kernel's test devices: vivid for the picture, snd-aloop for the sound. As root, on a machine
# that may lose them (an emulated one): PROGRAM is the built dist/main.js, WORK a folder that can be written.
# SIZE, PATIENCE and LOG_LEVEL are those of capture.mjs.
# HDMI=1 takes vivid's HDMI input and changes its timings (with v4l2-ctl), in place of losing devices.
set -eu
here=$(dirname "$(readlink -f "$0")")
driver=/sys/bus/platform/drivers/vivid
device=${VIVID:-vivid.0}
export VIDEO=${VIDEO:-/dev/$(ls "$driver/$device/video4linux" | grep -m 1 video)}
card=$(sed -n 's/^ *\([0-9]*\) \[Loopback.*/\1/p' /proc/asound/cards | head -1)
if [ "${HDMI:-}" = 1 ]; then
  v4l2-ctl -d "$VIDEO" -i 3 -c dv_timings_signal_mode=0 --set-dv-bt-timings index=1
  export SIZE= CHANGE="v4l2-ctl -d $VIDEO -c dv_timings=3 -c dv_timings_signal_mode=4"
  exec node "$here/capture.mjs"
fi
export LOSE="echo $device > $driver/unbind" FIND="echo $device > $driver/bind"
if [ -n "$card" ]; then
  export AUDIO=hw:CARD=Loopback,DEV=1
  export FEED="audio/x-raw,rate=48000,channels=2,format=S16LE ! alsasink device=hw:CARD=Loopback,DEV=0"
  loopback=/sys/bus/platform/drivers/snd_aloop
  export LOSE_SOUND="echo snd_aloop.0 > $loopback/unbind" FIND_SOUND="echo snd_aloop.0 > $loopback/bind"
fi
exec node "$here/capture.mjs"
