#!/bin/bash
# What a guest runs of the lab: inside.sh WITHOUT ARGUMENT... of lab/run. WITHOUT is "", "btf" (the kernel's own types are
# hidden) or "bpf" (bpf() is refused). The present directory is shared with the host: what has to get out is written here.
set -u
without=$1
shift
export WHEREDROP=/opt/wheredrop LAB_TRAFFIC=/opt/lab-traffic LAB_MACHINE=guest${without:+ without $without}
export LAB_KEEP=$PWD/keep LAB_CARDS=${GUEST_CARDS:-} WINDOW=${WINDOW:-5}
mkdir -p "$LAB_KEEP"
case $without in
btf) mount -t tmpfs none /sys/kernel/btf ;;
bpf)
	# shellcheck disable=SC2016 # its own arguments
	printf '#!/bin/bash\nexec /opt/lab-without-bpf %s "$@"\n' "$WHEREDROP" >/run/wheredrop
	chmod +x /run/wheredrop
	WHEREDROP=/run/wheredrop
	;;
esac
exec /opt/lab/run "$@"
