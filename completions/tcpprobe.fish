# SPDX-License-Identifier: BSD-2-Clause
# Completion of tcpprobe's command line in fish: the program is asked what may
# stand at the cursor.

function __tcpprobe_ask
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l word (commandline --current-token --cut-at-cursor)
    set -l program $words[1]
    set -e words[1]

    $program --complete $words "$word" 2>/dev/null
end

function __tcpprobe_complete
    for line in (__tcpprobe_ask)
        switch $line
            case ':hosts*'
                for host in (__fish_print_hostnames)
                    echo $host:
                end
            case ':files*' # fish does that itself: see below
            case '*'
                echo $line
        end
    end
end

function __tcpprobe_wants_file
    __tcpprobe_ask | string match --quiet ':files*'
end

complete --command tcpprobe --no-files --arguments '(__tcpprobe_complete)'
complete --command tcpprobe --condition __tcpprobe_wants_file --force-files
