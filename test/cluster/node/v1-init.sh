#!/bin/bash
# First process of a node on this machine's kernel with cgroup v1, in namespaces of its own. From the environment: NODE,
# CLUSTER and BINARIES as for the other kind, and HIERARCHIES, the names of what the machine has mounted below /sys/fs/cgroup.
set -e
mount --make-rprivate /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t tmpfs cgroup /sys/fs/cgroup
for hierarchy in $HIERARCHIES; do
  mkdir "/sys/fs/cgroup/$hierarchy"
  case $hierarchy in
  systemd) mount -t cgroup -o none,name=systemd cgroup "/sys/fs/cgroup/$hierarchy" ;;
  unified) mount -t cgroup2 cgroup2 "/sys/fs/cgroup/$hierarchy" ;;
  *) mount -t cgroup -o "$hierarchy" cgroup "/sys/fs/cgroup/$hierarchy" ;;
  esac
  case $hierarchy in # two controllers in one: programs look for each by its own name
  *,*) for controller in ${hierarchy//,/ }; do ln -s "$hierarchy" "/sys/fs/cgroup/$controller"; done ;;
  esac
done
mount -t tmpfs run /mnt
mkdir /mnt/cluster /mnt/binaries /mnt/scripts
mount --bind "$CLUSTER" /mnt/cluster
mount --bind "$BINARIES" /mnt/binaries
mount --bind "${0%/*}" /mnt/scripts
mount -n --move /mnt /run
mount -t tmpfs tmp /tmp
mkdir -p "/run/cluster/nodes/$NODE/disk/log"
mount --bind "/run/cluster/nodes/$NODE/disk" /var/lib
mount --bind /var/lib/log /var/log
# The kubelet sets these: plain files in their places let it, without a change to the machine.
for setting in vm/overcommit_memory vm/panic_on_oom kernel/panic kernel/panic_on_oops kernel/keys/root_maxkeys \
  kernel/keys/root_maxbytes; do
  copy=/run/${setting//\//.}
  cat "/proc/sys/$setting" >"$copy"
  mount --bind "$copy" "/proc/sys/$setting"
done
mount --make-rshared /
exec /run/scripts/node.sh "$NODE"
