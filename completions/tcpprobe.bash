# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Completion of tcpprobe's command line in bash: the program is asked what may
# stand at the cursor. Works with bash-completion and without it.

# Bash takes "db:80" and "--color=auto" for three words each. Fills `words`
# with what no blank separates, up to the cursor.
__tcpprobe_words()
{
	local line=${COMP_LINE:0:COMP_POINT} piece i
	words=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		piece=${COMP_WORDS[i]}
		if ((i == 0)) || [[ $line == [[:blank:]]* ]]; then
			line=${line#"${line%%[![:blank:]]*}"}
			words+=('')
		fi
		((i < COMP_CWORD)) || piece=$line
		line=${line#"$piece"}
		words[-1]+=$piece
	done
}

# Readline completes a file name best, it knows how to quote; but not behind
# a letter, as in "-wfile".
__tcpprobe_files()
{
	local before=$1 word=$2 kept=$3
	if [[ $kept == "$before"* ]]; then
		compopt -o default
		return
	fi
	compopt -o filenames -o nospace
	mapfile -t COMPREPLY < <(compgen -P "$before" -f -- \
		"${word#"$before"}")
}

# The port comes behind the name.
__tcpprobe_hosts()
{
	compopt -o nospace
	if declare -F _known_hosts_real >/dev/null; then
		_known_hosts_real -a -c -- "$1"
	else
		mapfile -t COMPREPLY < <(compgen -A hostname -S : -- "$1")
	fi
}

_tcpprobe()
{
	local words word breaks kept='' line
	COMPREPLY=()
	__tcpprobe_words
	word=${words[-1]}
	# Readline replaces only what stands behind the last of these.
	breaks=${COMP_WORDBREAKS//[^:=]/}
	[[ ! $breaks ]] || kept=${word%"${word##*["$breaks"]}"}
	while IFS= read -r line; do
		case $line in
		:files*) __tcpprobe_files "${line#*$'\t'}" "$word" "$kept" ;;
		:hosts*) __tcpprobe_hosts "$word" ;;
		*)
			line=${line%%$'\t'*}
			COMPREPLY+=("${line#"$kept"}")
			;;
		esac
	done < <("$1" --complete "${words[@]:1}")
	[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace
} 2>/dev/null # nothing that fails here is worth a line on the terminal

complete -F _tcpprobe tcpprobe
