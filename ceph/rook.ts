/** Rook's names, in a file that loads nothing: what only looks at a cluster needs them too. */

/** Namespace of Rook and of the Ceph cluster, and by that the cluster's id for the CSI driver. */
export const ROOK_NAMESPACE = "rook-ceph";

/** Name of Rook's RBD driver; Rook puts its namespace before it. */
export const RBD_DRIVER = `${ROOK_NAMESPACE}.rbd.csi.ceph.com`;
