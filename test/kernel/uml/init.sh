#!/bin/sh
# First process of the guest. The root file system is the host's, read only; EXCHANGE, on the kernel command line, is a
# folder of the host's, writable here as /run/exchange. settings: WORKING_DIRECTORY, TIMEOUT_SECONDS; command: what to run.
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
. "$EXCHANGE/settings"
mount -t tmpfs run /run
mkdir /run/exchange
mount -t hostfs -o "$EXCHANGE" exchange /run/exchange
# A checkout below /tmp must stay visible below the fresh /tmp.
case $WORKING_DIRECTORY in
/tmp/*)
  mount --bind "$WORKING_DIRECTORY" /mnt
  mount -t tmpfs tmp /tmp
  mkdir -p "$WORKING_DIRECTORY"
  mount --move /mnt "$WORKING_DIRECTORY"
  ;;
*) mount -t tmpfs tmp /tmp ;;
esac
# Of itself a kernel is called (none), which is no node's name.
echo tacho-guest >/proc/sys/kernel/hostname
if command -v ip >/dev/null; then ip link set lo up; else ifconfig lo up; fi

power_off() {
  echo o >/proc/sysrq-trigger
  sleep 60
}

# The guest ends even when the process on the host that wanted it was killed.
(
  sleep "$TIMEOUT_SECONDS"
  power_off
) &
# A thousand containers have more files than the kernel's default of 4096.
ulimit -n 65536
cd "$WORKING_DIRECTORY" && sh /run/exchange/command </dev/null
echo $? >/run/exchange/exit-code
power_off
