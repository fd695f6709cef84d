#!/bin/bash
# node.sh NAME: all of a node above its kernel: network, containerd, images, kube-proxy, kubelet. Ends with the kubelet. The
# configuration was written by node-files.ts.
files=/run/cluster/nodes/$1
. "$files/settings" # NODE, ADDRESS

hostname "$NODE"
ip link set lo up
ip addr add "$ADDRESS/24" dev vec0
ip link set vec0 up
ip -batch "$files/routes"
echo 1 >/proc/sys/net/ipv4/ip_forward
# Answers of a Service between two pods of one node cross only the bridge: they must meet the rules too.
echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables

mkdir /run/bin
for family in iptables ip6tables; do # User-Mode Linux has no NAT of nftables
  for form in '' -save -restore; do ln -s "/usr/sbin/$family-legacy$form" "/run/bin/$family$form"; done
done
export PATH=/run/bin:/run/binaries:/usr/sbin:/usr/bin:/sbin:/bin TMPDIR=/tmp

containerd --config "$files/containerd.toml" >>"$files/out/containerd.log" 2>&1 &
for _ in $(seq 600); do
  ctr version >/dev/null 2>&1 && break
  sleep 0.2
done

# import ARCHIVE: into containerd, once for each disk; whoever waits for it outside reads out/imported.
mkdir -p /var/lib/imported "$files/out/imported"
import() {
  local name=${1##*/}
  [ -e "/var/lib/imported/$name" ] && [ -e "$files/out/imported/$name" ] && return
  if [ ! -e "/var/lib/imported/$name" ]; then
    if ! ctr -n k8s.io images import "$1" >>"$files/out/images.log" 2>&1; then
      tail -n 1 "$files/out/images.log" >"$files/out/imported/$name.failed"
      return
    fi
    sync -f /var/lib # a node that is killed now still has it
    : >"/var/lib/imported/$name"
  fi
  : >"$files/out/imported/$name"
}
for archive in /run/cluster/images/base-*.tar; do import "$archive"; done
while sleep 1; do
  for archive in /run/cluster/images/*.tar; do
    [ -e "$files/out/imported/${archive##*/}.failed" ] || import "$archive"
  done
done &

servers kube-proxy --kubeconfig /run/cluster/pki/proxy.conf --hostname-override "$NODE" --proxy-mode iptables \
  --cluster-cidr "$POD_NETWORK" --conntrack-max-per-core 0 --healthz-bind-address 127.0.0.1:10256 \
  >>"$files/out/kube-proxy.log" 2>&1 &
servers kubelet --config "$files/kubelet.json" --kubeconfig "/run/cluster/pki/$NODE.conf" --hostname-override "$NODE" \
  --node-ip "$ADDRESS" --v 2 >>"$files/out/kubelet.log" 2>&1
