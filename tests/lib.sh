# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# TAP for tests in shell. A test sources this and says what it wants:
#
#	is "exit status" "$status" 2
#	like "the option is named" "$err" '--retries'
#	ok "the file is there" test -e "$file"
#	done_testing

points=0 failures=0

# point TRUTH NAME [GOT WANT]: TRUTH is an exit status.
point() {
	points=$((points + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $points - $2"
		return
	fi
	failures=$((failures + 1))
	echo "not ok $points - $2"
	[ $# -lt 4 ] || printf 'got:  %s\nwant: %s\n' "$3" "$4" | sed 's/^/# /'
}

# ok NAME COMMAND...
ok() {
	local name=$1
	shift
	"$@"
	point $? "$name"
}

# is NAME GOT WANT
is() {
	[ "$2" = "$3" ]
	point $? "$1" "$2" "$3"
}

# like NAME GOT REGEX
like() {
	grep -qE -- "$3" <<<"$2"
	point $? "$1" "$2" "$3"
}

unlike() {
	! grep -qE -- "$3" <<<"$2"
	point $? "$1" "$2" "not $3"
}

# junit_valid FILE: is it what -o junit may write? If not, why.
junit_valid() {
	local said schema=${abs_top_srcdir:-.}/tests/cli/junit.xsd
	said=$(xmllint --noout --schema "$schema" "$1" 2>&1) && return
	printf '# %s\n' "$said"
	return 1
}

# skip NAME WHY
skip() {
	points=$((points + 1))
	echo "ok $points - $1 # SKIP $2"
}

# skip_all WHY: nothing of this can be tried here, and everybody shall see it.
# TAP's own way, status 0: its drivers take any other status for a failure.
skip_all() {
	echo "1..0 # SKIP $*"
	echo "$0: SKIPPED, NOTHING WAS TESTED: $*" >&2
	exit 0
}

done_testing() {
	echo "1..$points"
	[ "$failures" -eq 0 ] && [ "$points" -gt 0 ]
	exit
}
