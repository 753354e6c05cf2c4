# Sourced by scripts/test: makes a few lines of what swift-testing prints about hundreds of tests.

# report LOG STATUS [LOG STATUS ...]: what was skipped, what failed and how to see it again, and how many tests passed and failed, in
# the line that CI looks for. Sets failed to 1 where a test failed or a process ended before its tests.
report() {
    local log status passed_count=0 failed_count=0 skipped_count=0 case_count=0 logs=()
    failed=0
    while [ $# -gt 0 ]; do
        log="$1" status="$2"
        shift 2
        logs+=("$log")
        if ! grep -q 'Test run with [0-9]* tests* ' "$log"; then
            failed=1 failed_count=$((failed_count + 1))
            printf 'The tests of %s ended with status %s, before all were done. They had begun and not ended:\n' "$log" "$status"
            unfinished "$log"
            printf 'Its last words:\n'
            grep -n -E 'Fatal error|Crash|crashed|Assertion' "$log" | head -n 10 || true
            grep -v '^r[0-9a-z]* 0x\|^ *r[0-9a-z]* 0x' "$log" | tail -n 25
        elif [ "$status" -ne 0 ]; then
            failed=1
        fi
        passed_count=$((passed_count + $(count ' Test .* passed after ' "$log")))
        failed_count=$((failed_count + $(count ' Test .* failed after ' "$log")))
        skipped_count=$((skipped_count + $(count ' Test .* skipped' "$log")))
        case_count=$((case_count + $(cases "$log")))
    done
    # One line for each reason.
    sed -nE 's/^.* Test .* skipped: "?([^"]*)"?\.?$/Skipped: \1/p' "${logs[@]}" | sort | uniq -c | sed -E 's/^ +([0-9]+) Skipped: /Skipped (\1): /'
    if [ "$failed" -ne 0 ]; then
        failures "${logs[@]}"
        printf 'To see it again: RECALL_TEST_SEED=%s RECALL_TEST_EFFORT=%s scripts/test --filter NAME\n' \
            "$RECALL_TEST_SEED" "$RECALL_TEST_EFFORT"
        printf 'All that was said: %s\n' "${logs[*]}"
    fi
    printf '%d cases of %d tests.\n' "$case_count" $((passed_count + failed_count))
    printf '%d passed, %d failed%s\n' "$passed_count" "$failed_count" \
        "$([ "$skipped_count" -eq 0 ] || printf ', %d skipped' "$skipped_count")"
}

# Lines of a log about tests, without that about the whole run.
count() { grep -v 'Test run with' "$2" | grep -cE "^[^ ]+ *$1" || true; }

# A test without arguments is one case.
cases() {
    grep -v 'Test run with' "$1" | grep -E '^[^ ]+ * Test .* (passed|failed) after ' \
        | awk '{ sum += match($0, / with [0-9]+ test case/) ? substr($0, RSTART + 6) + 0 : 1 } END { print sum + 0 }'
}

# What tests that failed said, with their arguments and comments; the lines after an issue that belong to it begin with an arrow.
failures() {
    # All is read, since a pipe that closes early would end the script before its last lines.
    awk '/^[^ ]+ *Test .* recorded an issue/ || /^[^ ]+ *Test .* failed after / { if (++lines <= 400) print; shown = 1; next }
        /^[^ ]+ *(Test|Suite) / { shown = 0 }
        shown && ++lines <= 400' "$@"
}

unfinished() {
    awk '/^[^ ]+ *Test .* started\.$/ && !/^[^ ]+ *Test (run|case) / { name = $0; sub(/^[^ ]+ *Test /, "", name); sub(/ started\.$/, "", name); open[name] = 1 }
        /^[^ ]+ *Test .* (passed|failed) after / { name = $0; sub(/^[^ ]+ *Test /, "", name); sub(/( with [0-9]+ test cases?)? (passed|failed) after .*/, "", name); delete open[name] }
        END { for (name in open) print "    " name }' "$1" | sort | head -n 40
}
