# shellcheck shell=bash disable=SC2034 # tests read $out, $err and $status
# SPDX-License-Identifier: BSD-2-Clause
# For tests of the command line: run the program, and what it should do when
# it is misused.
#
#	. "$abs_top_srcdir/tests/cli/lib.sh"
#	run nolisten --retries x 127.0.0.1:1
#	is "exit status" "$status" 2
#	done_testing
#
# LC_ALL is C, so that the output is the same everywhere. Targets are this host
# itself (127.0.0.1): where a test fails because something was not refused, no
# packet may leave the machine.

# shellcheck source=tests/lib.sh
. "${abs_top_srcdir:-.}/tests/lib.sh"

set -u
export LC_ALL=C
unset NO_COLOR
tcpprobe=${TCPPROBE:?TCPPROBE is the program to test}
out='' err='' status=0
scratch=$(mktemp -d) || exit
trap 'rm -rf "$scratch"' EXIT

# From now on the program has no capability. An ordinary user has none anyway;
# root is made one that has none.
without_privileges() {
	local real=$tcpprobe
	[ "$(id -u)" -eq 0 ] || return 0
	tcpprobe=$scratch/without
	cat >"$tcpprobe" <<-END
		#!/bin/sh
		exec setpriv --bounding-set=-all --inh-caps=-all "$real" "\$@"
	END
	chmod +x "$tcpprobe"
}

# run ARGUMENT...: fills $out, $err and $status.
run() {
	"$tcpprobe" "$@" >"$scratch/out" 2>"$scratch/err" </dev/null
	status=$?
	out=$(cat "$scratch/out")
	err=$(cat "$scratch/err")
}

# refused NAME REGEX ARGUMENT...: misuse is two lines on stderr, and status 2.
refused() {
	local name=$1 regex=$2
	shift 2
	run "$@"
	is "$name: status" "$status" 2
	is "$name: nothing on stdout" "$out" ''
	is "$name: two lines" "$(wc -l <"$scratch/err")" 2
	like "$name: says why" "$(head -n 1 "$scratch/err")" \
		"^tcpprobe: .*$regex"
}
