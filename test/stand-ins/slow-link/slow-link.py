"""A link that takes its time: two TUN devices, and what goes into one comes out of the other later, in order.

    python3 slow-link.py NAMESPACE-FILE NEAR-DEVICE FAR-DEVICE DELAY-SECONDS

FAR-DEVICE is made where this runs, NEAR-DEVICE in the network namespace that the file holds. Says "ready" when both are
there; they go with the process. For kernels without netem, which does the same (tc-netem(8)).
"""

import collections
import ctypes
import fcntl
import os
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
LONGEST_PACKET = 65536
# What waits, as a router has it: beyond, packets are lost.
MOST_WAITING = 10000


def open_device(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return device


def main(namespace, near_name, far_name, delay):
    far = open_device(far_name)
    # A device belongs to the namespace in which /dev/net/tun was opened.
    libc = ctypes.CDLL(None, use_errno=True)
    with open(namespace) as file:
        if libc.setns(file.fileno(), 0) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    near = open_device(near_name)
    other = {near: far, far: near}
    waiting = collections.deque()
    print("ready", flush=True)
    while True:
        timeout = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        readable, _, _ = select.select([near, far], [], [], timeout)
        for device in readable:
            try:
                packet = os.read(device, LONGEST_PACKET)
            except OSError:
                # The device is down.
                time.sleep(0.01)
                continue
            if len(waiting) < MOST_WAITING:
                waiting.append((time.monotonic() + delay, other[device], packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, device, packet = waiting.popleft()
            try:
                os.write(device, packet)
            except OSError:
                pass


main(sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4]))
