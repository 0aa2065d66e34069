#!/usr/bin/env bats
# shellcheck disable=SC2154
# metrics: what Prometheus and its promtool make of them, from the scratch root (make scratch).

load ../helpers/family
load ../helpers/asking
load ../helpers/ending

# in_scratch COMMAND...: with the scratch root as its root (make scratch).
in_scratch() {
	"$TOP/tests/scratch/enter" "$@"
}

need_scratch() {
	need_mounts
	export SCRATCH=${SCRATCH:-$TOP/build/scratch} B
	[ -e "$SCRATCH/usr/bin/promtool" ] || fail "there is no prometheus in $SCRATCH: make scratch"
}

@test "promtool finds nothing to say, whatever services are called" {
	need_scratch
	ask_daemon metrics <<-END
		[a "quoted\\ <name> {with} = all, ü]
		port = 0
		server = /bin/cat
		instances = unlimited
		[refuses]
		port = 0
		server = /bin/cat
		no_access = 127.0.0.0/8
	END
	assert_answer '' ask_tcp refuses
	get /metrics >"$INETD_DIR/text"
	grep -q '^inetd_service_refused_total{service="refuses",reason="access"} 1$' "$INETD_DIR/text"
	grep -qF 'inetd_service_running_limit{service="a \"quoted' "$INETD_DIR/text"
	grep -q '^inetd_service_running_limit.* +Inf$' "$INETD_DIR/text"
	run -0 in_scratch promtool check metrics <"$INETD_DIR/text"
	[ -z "$output" ] || fail "$output"
	# It does find something to say.
	sed 's/^# HELP inetd_services .*//; s/^\(# TYPE inetd_services\) gauge/\1 counter/' "$INETD_DIR/text" >"$INETD_DIR/worse"
	run ! in_scratch promtool check metrics <"$INETD_DIR/worse"
	inetd_stop
}

# answers QUERY VALUE: true if Prometheus has that value now.
answers() {
	local answer
	answer=$(curl -sS -m 5 --noproxy '*' -G --data-urlencode "query=$1" "$prometheus/api/v1/query")
	[[ $answer == *'"value":['*',"'"$2"'"]'* ]] || fail "$1: $answer"
}

# listens: sets $prometheus to where it listens, which it says in its log.
listens() {
	[[ $(<"$INETD_DIR/prometheus.log") =~ 'msg="Listening on" address='(127[.0-9]*:[1-9][0-9]*) ]] &&
		echo "http://${BASH_REMATCH[1]}" >"$INETD_DIR/prometheus.url"
}

@test "a Prometheus scrapes it and answers queries" {
	need_scratch
	ask_daemon metrics </dev/null
	for _ in 1 2 3; do
		assert_answer hi ask_tcp used hi
	done
	wait_until field_is used RUNNING 0
	cat >"$INETD_DIR/prometheus.yml" <<-END
		scrape_configs:
		  - job_name: inetd
		    scrape_interval: ${INETD_PATIENCE}s
		    scrape_timeout: ${INETD_PATIENCE}s
		    static_configs: [{targets: ["${url#http://}"]}]
	END
	(close_inherited && exec "$TOP/tests/scratch/enter" prometheus --config.file="$INETD_DIR/prometheus.yml" \
		--storage.tsdb.path="$INETD_DIR/prometheus" --web.listen-address=127.0.0.1:0) >"$INETD_DIR/prometheus.log" 2>&1 &
	scraper=$!
	wait_until listens
	prometheus=$(<"$INETD_DIR/prometheus.url")
	wait_until answers 'up{job="inetd"}' 1
	wait_until answers 'inetd_service_started_total{service="used"}' 3
	answers 'inetd_service_duration_seconds_count{service="used"}' 3
	answers 'inetd_service_duration_seconds_bucket{service="used",le="86400.0"}' 3
	answers 'inetd_service_ready{service="used"}' 1
	answers 'histogram_quantile(0.99, inetd_service_exec_seconds_bucket{service="used"}) < bool 1.1' 1
	# It understands OpenMetrics as such: it knows the types.
	[[ $(curl -sS --noproxy '*' "$prometheus/api/v1/targets/metadata?metric=inetd_service_started") == *'"type":"counter"'* ]]
	assert_answer hi ask_tcp used hi
	wait_until answers 'inetd_service_started_total{service="used"}' 4
	kill $scraper
	wait $scraper || true
	wait_until field_is www RUNNING 0
	inetd_stop
}
