#!/bin/sh
# usage: unshare --mount -- with-service-account.sh DIR PROGRAM [ARGUMENT...]
# Runs a program that expects a pod's service account at the fixed path, in the mount namespace that unshare made for it.
# The path is made on a tmpfs inside the namespace: the host's own /run is neither touched nor needed.
set -eu
dir=$1
shift
mount -t tmpfs -o mode=0755 tmpfs /run
mkdir -p /run/secrets/kubernetes.io/serviceaccount
mount --bind "$dir" /run/secrets/kubernetes.io/serviceaccount
if [ ! -e /var/run/secrets/kubernetes.io/serviceaccount ]; then
    echo "with-service-account: /var/run does not lead to /run on this machine" >&2
    exit 1
fi
exec "$@"
