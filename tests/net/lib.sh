# shellcheck shell=bash disable=SC2034 # tests read the addresses
# SPDX-License-Identifier: BSD-2-Clause
# Two network namespaces with a cable between them: "client" is the one that
# the test itself runs in, "server" is the other. They have no names and no
# files; both vanish with the test, whatever kills it. Works as root, and as
# anybody where the kernel allows user namespaces. A test begins with
#
#	. "$abs_top_srcdir/tests/lib.sh"
#	. "$abs_top_srcdir/tests/net/lib.sh"
#	net_enter "$0" "$@"
#	net_start
#	net_peer server listen 80

client4=10.9.0.1 server4=10.9.0.2
client6=fd00:9::1 server6=fd00:9::2
client_interface=near server_interface=far
net_peer_program=${abs_top_builddir:-.}/tests/net/peer
net_server_pid=
net_peer_pids=()

# net_enter SCRIPT ARGUMENT...: returns in namespaces of its own, or skips. A
# mount namespace comes along where it can be had: not in a chroot.
net_enter() {
	local tool how
	[ -z "${NET_ENTERED-}" ] || return 0
	for tool in unshare nsenter ip; do
		command -v "$tool" >/dev/null ||
			skip_all "there is no $tool here"
	done
	export NET_ENTERED=1
	for how in "--mount --net" --net \
		"--user --map-root-user --mount --net" \
		"--user --map-root-user --net"; do
		# shellcheck disable=SC2086 # these are several words
		if unshare $how true 2>/dev/null; then
			exec unshare $how "$BASH" "$@"
		fi
	done
	skip_all "the kernel refuses network namespaces"
}

# net_static PROGRAM: returns if it is a static one, or skips.
net_static() {
	! readelf --program-headers "$1" | grep -q INTERP ||
		skip_all "$1 needs shared libraries: this is for a program" \
			"configured with --enable-static-binary"
}

# Addresses that can be used at once: nobody else is on the cable.
net_no_dad() {
	local dad=/proc/sys/net/ipv6/conf
	"$1" sh -c "for i in default all; do
		echo 0 >$dad/\$i/accept_dad; done" 2>/dev/null || true
}

# net_address WHERE INTERFACE IPV4 IPV6
net_address() {
	"$1" ip link set lo up &&
		"$1" ip address add "$3/24" dev "$2" &&
		"$1" ip link set "$2" up || return
	! net_has_ipv6 || "$1" ip address add "$4/64" dev "$2" nodad
}

net_has_ipv6() {
	[ -e /proc/sys/net/ipv6/conf/all ]
}

# The server's namespace is held by a process that ends with its input.
net_start() {
	coproc NET_SERVER { exec unshare --net sh -c 'echo $$; exec cat'; }
	read -r net_server_pid <&"${NET_SERVER[0]}"
	trap net_stop EXIT
	net_no_dad client
	net_no_dad server
	net_cable || skip_all "the kernel refuses a cable between namespaces"
}

net_cable() {
	ip link add "$client_interface" type veth \
		peer name "$server_interface" netns "$net_server_pid" &&
		net_address client "$client_interface" "$client4" "$client6" &&
		net_address server "$server_interface" "$server4" "$server6"
}

net_stop() {
	local pid
	for pid in "${net_peer_pids[@]}" "$net_server_pid"; do
		[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null
	done
	wait 2>/dev/null
}

client() {
	"$@"
}

server() {
	nsenter --target "$net_server_pid" --net "$@"
}

# net_peer WHERE ROLE ARGUMENT...: in the background, and ready. $net_peer_pid
# is its process.
net_peer() {
	local where=$1 said fd
	shift
	exec {fd}< <("$where" "$net_peer_program" "$@")
	net_peer_pid=$!
	net_peer_pids+=("$net_peer_pid")
	read -r said <&"$fd"
	exec {fd}<&-
	[ "$said" = ready ] && return
	echo "# the peer did not start: $*" >&2
	return 1
}

# net_counter WHERE NAME: one of /proc/net/snmp, as in TcpOutRsts.
net_counter() {
	# It is awk that expands.
	# shellcheck disable=SC2016
	"$1" awk -v want="$2" '
		{ kind = $1; sub(/:/, "", kind) }
		!(kind in names) { names[kind] = $0; next }
		{
			split(names[kind], name)
			for (i = 2; i <= NF; i++)
				if (kind name[i] == want)
					print $i
		}' /proc/net/snmp
}

# net_ttl WHERE TTL: what this end sends with from now on, both families.
net_ttl() {
	"$1" sh -c "echo $2 >/proc/sys/net/ipv4/ip_default_ttl
		! cd /proc/sys/net/ipv6/conf 2>/dev/null ||
			for i in */hop_limit; do echo $2 >\$i; done"
}
