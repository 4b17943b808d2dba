#!/bin/sh
# Renders the demo shop's pictures that are still missing: demo/catalogue/render.json -> demo/media/*.webp
# needs: apt-get install blender python3-pil python3-numpy sweethome3d-furniture
# usage: tools/render/render.sh [options of render.py, for instance --only isar-chair,enns-chair]
# Stop it whenever you like and start it again: finished pictures are skipped. It runs on one thread at the lowest priority.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
demo=$(cd "$here/../../demo" && pwd)
models=${MODELS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/stoa-models}
library=BlendSwap-CC-0
if [ ! -d "$models/$library" ]; then
  mkdir -p "$models"
  python3 -m zipfile -e "/usr/share/sweethome3d/furniture/$library.sh3f" "$models/$library.part"
  mv "$models/$library.part" "$models/$library"
fi
# autogroup: without this, nice counts only within its own session
echo 19 > /proc/self/autogroup 2>/dev/null || true
mkdir -p "$demo/media"
left=-1
while :; do
  nice -n 19 blender -b --factory-startup -P "$here/render.py" -- "$demo/catalogue/render.json" "$models" "$demo/media" "$@" 2>&1 | grep --line-buffered -E '^(DONE|FAILED)' || true
  # a crash of Blender ends the run early; the marker of the picture it died on stays, and after two tries that picture is left out
  tries=$(find "$demo/media" -name '*.trying' | sort | xargs -r cat | tr -d '\n')
  [ -n "$tries" ] && [ "$tries" != "$left" ] || break
  left=$tries
done
find "$demo/media" -name '*.trying' | sed 's/^/not rendered: /; s/\.trying$//'
