#!/usr/bin/env bash
# Compares `mailwhy report` with the tools that people use today, on a generated log: CPU and wall time, peak memory.
# Before anything is timed, both must have counted the same attempts; a tool that is not installed is skipped.
#
# usage: benches/rivals.sh [BYTES [RUNS]]      (100000000 bytes, the best of 3 runs)
set -euo pipefail
cd "$(dirname "$0")/.."
bytes=${1:-100000000} runs=${2:-3}

target=${CARGO_TARGET_DIR:-target}
cargo build --release --quiet --bin mailwhy --example generate
mailwhy=$target/release/mailwhy
dir=$(mktemp -d "$target/rivals.XXXXXX")
trap 'rm -rf "$dir"' EXIT
# A configuration of the machine would change what is reported.
export LC_ALL=C TZ=UTC MAILWHY_CONFIG=

# count NAME: a number of the generator's truth about the current log.
count() { sed -E "s/.*\"$1\":([0-9]+).*/\1/" "$dir/truth.json"; }

# same WHAT OURS THEIRS: stops where the counts differ.
same() {
    if [ "$2" != "$3" ]; then
        echo "rivals: $1: mailwhy counted $2, the other $3; nothing is timed" >&2
        exit 1
    fi
}

# timed LABEL COMMAND...: the least CPU time of some runs, its wall time and peak memory.
timed() {
    local label=$1 best='' line
    shift
    for _ in $(seq "$runs"); do
        if [ -x /usr/bin/time ]; then
            line=$(/usr/bin/time -f '%U %S %e %M' "$@" 2>&1 >"$dir/out" | tail -1)
        else
            TIMEFORMAT='%U %S %R 0'
            line=$({ time "$@" >"$dir/out" 2>/dev/null; } 2>&1)
        fi
        line=$(awk '{ printf "%.2f %.2f %d", $1 + $2, $3, $4 / 1024 }' <<<"$line")
        if [ -z "$best" ] || awk -v a="${line%% *}" -v b="${best%% *}" 'BEGIN { exit !(a < b) }'; then best=$line; fi
    done
    awk -v label="$label" -v bytes="$size" '{
        printf "  %-34s %8.2f s CPU %8.2f s wall %6s MiB %8.0f MB/s\n", label, $1, $2, ($3 ? $3 : "?"), $2 ? bytes / $2 / 1e6 : 0
    }' <<<"$best"
}

have() { command -v "$1" >/dev/null || { echo "  $1 is not installed: skipped"; return 1; }; }

# A number of our report; jq is not needed: one field a line.
ours() { sed -nE "/\"lines\": \{/,\$p" "$dir/report.json" | sed -nE "/\"$1\": \{/,/\}/p" | sed -nE "s/.*\"$2\": ([0-9]+).*/\1/p" | head -1; }

for mta in postfix exim; do
    log=$dir/$mta.log
    "$target/release/examples/generate" "$mta" "$bytes" 1 >"$log" 2>"$dir/truth.json"
    size=$(stat -c %s "$log")
    echo "$mta: $size bytes, $(count lines) lines, seed 1, sha256 $(sha256sum "$log" | cut -c1-12)"
    "$mailwhy" report --year 2026 --format json "$log" >"$dir/report.json"
    for status in delivered deferred bounced; do
        same "$mta, $status" "$(ours attempts_by_status $status)" "$(count $status)"
    done
    timed 'mailwhy report -j 1' "$mailwhy" report --year 2026 -j 1 "$log"
    timed 'mailwhy report' "$mailwhy" report --year 2026 "$log"
    timed 'mailwhy events >/dev/null' "$mailwhy" events --year 2026 "$log"
    if [ "$mta" = postfix ]; then
        delivered=' status=sent ' all=' status=[a-z]+ '
        capture='dsn=([0-9.]+), status=([a-z]+) \((?:.* said: )?([0-9]{3})?'
    else
        delivered=' => ' all=' (=>|\*\*|==) '
        capture=' (=>|\*\*|==) .*[:"] ?([0-9]{3})[ -]'
    fi
    same "$mta, grep" "$(count delivered)" "$(grep -c -- "$delivered" "$log")"
    timed "grep -c '$delivered'" grep -c -- "$delivered" "$log"
    if have rg; then
        same "$mta, rg" "$(count delivered)" "$(rg -c -- "$delivered" "$log")"
        timed 'rg -o (status and code)' rg -o --no-line-number -r '$1 $2 $3' -- "$capture" "$log"
    fi
    if [ "$mta" = postfix ] && have pflogsumm; then
        pflogsumm "$log" >"$dir/theirs" 2>/dev/null
        # It tells totals above a million in thousands (`k`), and attempts that were deferred as `(N deferrals)`.
        for status in delivered deferred bounced; do
            theirs=$(awk -v status="$status" '$2 == status {
                print status == "deferred" ? substr($3, 2) : $1; exit
            }' "$dir/theirs")
            case $theirs in
            *[km]) echo "  pflogsumm says $theirs $status: not comparable exactly" ;;
            *) same "pflogsumm, $status" "$(count $status)" "$theirs" ;;
            esac
        done
        timed pflogsumm pflogsumm "$log"
    fi
    if [ "$mta" = exim ] && have eximstats; then
        eximstats "$log" >"$dir/theirs" 2>/dev/null
        # `Delivered`, volume, messages, addresses, hosts.
        theirs=$(awk '$1 == "Delivered" { print $4; exit }' "$dir/theirs")
        same 'eximstats, delivered' "$(count delivered)" "$theirs"
        timed eximstats eximstats "$log"
    fi
done
