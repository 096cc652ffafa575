#!/usr/bin/env bash
# The limit: demote and promote the images with the rbd command, in parallel, without Kubernetes.
#
# usage: raw.sh FROM TO IMAGES    FROM, TO: ceph.conf files; IMAGES: a file with one pool/image a line
#
# A plain promotion is refused (EBUSY) until the demotion has been mirrored, so trying again is the wait: never by force.
set -euo pipefail
from=$1 to=$2 images=$3
parallel=$(($(nproc) * 4))
export from to
xargs -P "$parallel" -I{} rbd --conf "$from" mirror image demote {} <"$images" >/dev/null
promote() {
    local end=$((SECONDS + 600)) said
    until said=$(rbd --conf "$to" mirror image promote "$1" 2>&1); do
        [ $SECONDS -lt $end ] || { echo "$1 was not promoted within 600 s: $said" >&2; return 1; }
        sleep 0.2
    done
}
export -f promote
xargs -P "$parallel" -I{} bash -c 'promote "$1"' _ {} <"$images"
