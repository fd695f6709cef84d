#!/bin/bash
# First process of a node with a kernel of its own (User-Mode Linux). Its root file system is the machine's, read only; what
# it keeps is on its own disk, mounted on /var/lib. On the kernel command line: NODE, DRIVER, CLUSTER and BINARIES, two
# folders that every part of a node sees as /run/cluster and /run/binaries.
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
# All three folders may lie below /tmp or /run, which get mounted over: they move in with the new /run.
mount -t tmpfs run /mnt
mkdir /mnt/cluster /mnt/binaries /mnt/scripts
mount --bind "$CLUSTER" /mnt/cluster
mount --bind "$BINARIES" /mnt/binaries
mount --bind "${0%/*}" /mnt/scripts
mount -n --move /mnt /run
mount -t tmpfs tmp /tmp
# The one folder that can be written from here and read outside.
mount -t hostfs -o "$CLUSTER/nodes/$NODE/out" out "/run/cluster/nodes/$NODE/out"
mkdir -p /dev/pts /dev/shm /dev/mqueue
mount -t devpts devpts /dev/pts
mount -t tmpfs shm /dev/shm
mount -t mqueue mqueue /dev/mqueue
mount -t ext4 /dev/ubda /var/lib
mkdir -p /var/lib/log
mount --bind /var/lib/log /var/log

for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
  echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
done

# The kernel asks for modules by this program; its own come with its Debian package, in another place than usual.
mkdir -p /run/modules/lib
ln -s /usr/lib/uml/modules /run/modules/lib/modules
printf '#!/bin/sh\nexec /sbin/modprobe -d /run/modules "$@"\n' >/run/modprobe
chmod +x /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe
for module in overlay bridge br_netfilter veth ip_tables iptable_nat iptable_filter iptable_mangle xt_comment xt_addrtype \
  xt_conntrack xt_MASQUERADE xt_mark xt_statistic xt_nat xt_recent xt_REDIRECT nf_conntrack_netlink; do
  /run/modprobe "$module"
done

# The kubelet does not start without a clock speed and a core, of which this kernel's cpuinfo says nothing.
sed 's/^bogomips/physical id\t: 0\ncore id\t\t: 0\ncpu cores\t: 1\ncpu MHz\t\t: 1000.000\n&/' /proc/cpuinfo >/run/cpuinfo
mount --bind /run/cpuinfo /proc/cpuinfo

if [ "$DRIVER" = systemd ]; then # as process 1, with the node as its only unit
  mkdir -p /run/systemd/system
  cat >/run/systemd/system/node.service <<UNIT
[Unit]
DefaultDependencies=no
[Service]
ExecStart=/run/scripts/node.sh $NODE
Delegate=yes
LimitNOFILE=65536
UNIT
  exec /lib/systemd/systemd --unit=node.service --log-level=warning --log-target=console --show-status=no
fi
/run/scripts/node.sh "$NODE"
echo "node.sh ended with exit code $?"
echo o >/proc/sysrq-trigger
sleep 60
