#!/usr/bin/env bash
# A planned move by hand: what a careful person does with kubectl and a script, everything in parallel that may be.
#
# usage: by-hand.sh FROM TO NAMESPACE BACKUP    FROM, TO: kubeconfig contexts; BACKUP: folder for manifests
#
# Moves every PVC of NAMESPACE that has a VolumeReplication, with the Deployments beside it.
set -euo pipefail
from=$1 to=$2 ns=$3 backup=$4
timeout=${TIMEOUT:-15m}
src() { kubectl --context "$from" -n "$ns" "$@"; }
dst() { kubectl --context "$to" -n "$ns" "$@"; }
mkdir -p "$backup"

# ---- while the application still runs: back up PVs, PVCs and VRs without what belongs to this cluster alone.
# claimRef keeps its name and loses its uid, or the PV would be Released on the other site; the PVC loses the marks of its
# binding, or it would be Lost there. Retain, or a released PV would take its image along.
src get volumereplication -o json >"$backup/vr.live.json" &
src get pvc -o json >"$backup/pvc.live.json" &
src get pv -o json >"$backup/pv.live.json" &
src get volumeattachment -o json >"$backup/va.live.json" &
wait
jq '.items |= map({apiVersion, kind, metadata: {name: .metadata.name, namespace: .metadata.namespace},
    spec: (.spec | .replicationState = "primary" | .autoResync = false)})' "$backup/vr.live.json" >"$backup/vr.json"
jq --slurpfile vr "$backup/vr.live.json" '[$vr[0].items[].spec.dataSource.name] as $moved |
    .items |= map(select(.metadata.name | IN($moved[])) | {apiVersion, kind,
    metadata: {name: .metadata.name, namespace: .metadata.namespace, labels: (.metadata.labels // {})}, spec: .spec})' \
    "$backup/pvc.live.json" >"$backup/pvc.json"
jq --slurpfile pvc "$backup/pvc.json" '[$pvc[0].items[].spec.volumeName] as $moved |
    .items |= map(select(.metadata.name | IN($moved[])) | {apiVersion, kind, metadata: {name: .metadata.name},
    spec: (.spec | .claimRef |= {apiVersion, kind, namespace, name} | .persistentVolumeReclaimPolicy = "Retain")})' \
    "$backup/pv.live.json" >"$backup/pv.json"
attachments=$(jq -r --slurpfile pv "$backup/pv.json" '[$pv[0].items[].metadata.name] as $moved |
    .items[] | select(.spec.source.persistentVolumeName | IN($moved[])) | .metadata.name' "$backup/va.live.json")

# ---- PVs and PVCs wait on the target before anything stops: without a VR nothing happens to the image.
# Going back, both are there already and are left as they are.
restore() {
    dst get pvc -o name >"$backup/there"
    if [ "$(wc -l <"$backup/there")" -lt "$(jq '.items | length' "$backup/pvc.json")" ]; then
        dst apply --server-side -f "$backup/pv.json" >/dev/null
        dst apply --server-side -f "$backup/pvc.json" >/dev/null
    fi
    dst wait pvc --all --for=jsonpath='{.status.phase}'=Bound --timeout="$timeout" >/dev/null
}
restore

# ---- the outage begins: stop the applications, and wait until nobody has the volumes any more.
src scale deployment --all --replicas=0 >/dev/null
src wait pod --all --for=delete --timeout="$timeout" >/dev/null
[ -z "$attachments" ] || src wait volumeattachment $attachments --for=delete --timeout="$timeout" >/dev/null

# ---- demote, and wait for the handover: Completed alone proves nothing, only both sides demoted and equal do.
src patch -f "$backup/vr.json" --type=merge -p '{"spec":{"replicationState":"secondary","autoResync":false}}' >/dev/null
src wait volumereplication --all --for=condition=Completed --timeout="$timeout" >/dev/null
src wait volumereplication --all --for=condition=Degraded=False --timeout="$timeout" >/dev/null
src get volumereplication -o json | jq -e 'all(.items[]; .status.state == "Secondary"
    and .status.observedGeneration == .metadata.generation
    and all(.status.conditions[] | select(.type == "Resyncing" or .type == "Degraded"); .status == "False"))' >/dev/null ||
    { echo "not every volume has been handed over; nothing is promoted" >&2; exit 1; }

# ---- promote, and only then start the applications.
dst apply --server-side --force-conflicts -f "$backup/vr.json" >/dev/null
dst wait volumereplication --all --for=jsonpath='{.status.state}'=Primary --timeout="$timeout" >/dev/null
dst wait volumereplication --all --for=condition=Completed --timeout="$timeout" >/dev/null
dst scale deployment --all --replicas=1 >/dev/null
