#!/usr/bin/env bats
# shellcheck disable=SC2154
# metrics: what inetd counts, over HTTP, for Prometheus.

load ../helpers/family
load ../helpers/rude
load ../helpers/asking
load ../helpers/ending

@test "in text, or in OpenMetrics for who asks for it" {
	ask_daemon metrics </dev/null
	assert_answer hi ask_tcp used hi
	wait_until field_is used RUNNING 0
	text='text/plain; version=0.0.4; charset=utf-8'
	open='application/openmetrics-text; version=1.0.0; charset=utf-8'
	while IFS='|' read -r accept expected; do
		[ "$(field content-type -H "Accept:$accept" /metrics)" = "${!expected}" ] ||
			fail "'$accept': $(field content-type -H "Accept:$accept" /metrics)"
	done <<-END
		 |text
		 */*|text
		 text/plain|text
		 text/plain;version=0.0.4|text
		 application/openmetrics-text|open
		 Application/OpenMetrics-Text; version=1.0.0|open
		 application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.1|open
		 text/plain;q=0.5 , application/openmetrics-text ; q=0.6|open
		 text/plain;q=0.5, application/openmetrics-text;q=0.4|text
		 application/openmetrics-text;q=0|text
		 application/openmetrics-textual|text
		 text/html,application/xhtml+xml,*/*;q=0.8|text
	END
	[ "$(field content-type -H Accept: /metrics)" = "$text" ]
	[ "$(field vary /metrics)" = Accept ]
	[ "$(field cache-control /metrics)" = no-store ]
	body=$(get /metrics)
	[[ $body == *$'\ninetd_service_started_total{service="used"} 1\n'* ]]
	[[ $body == *$'\n# TYPE inetd_service_started_total counter\n'* ]]
	[[ $body == *$'\ninetd_service_duration_seconds_bucket{service="used",le="+Inf"} 1\n'* ]]
	[[ $body != *'# EOF'* ]]
	body=$(get -H 'Accept: application/openmetrics-text' /metrics)
	[[ $body == *$'\ninetd_service_started_total{service="used"} 1\n'* ]]
	[[ $body == *$'\n# TYPE inetd_service_started counter\n'* ]]
	[[ $body == *$'\n# EOF' ]]
	assert_no_leaks
	inetd_stop
}

@test "one path, two methods" {
	ask_daemon metrics </dev/null
	[ "$(status /metrics)" = 200 ]
	[ "$(status '/metrics?name=x')" = 200 ]
	[ "$(status -I /metrics)" = 200 ]
	[ "$(printf 'HEAD /metrics HTTP/1.0\r\n\r\n' | rude half-close www | tail -n 1)" = $'\r' ]
	[ "$(status /)" = 404 ]
	[ "$(status /metrics/)" = 404 ]
	[ "$(status -X POST /metrics)" = 405 ]
	[ "$(printf 'GET /metrics HTTP/1.1\r\n\r\n' | rude half-close www | head -c 12)" = 'HTTP/1.1 400' ]
	inetd_stop
}

@test "as a user of its own, by the group of the control socket" {
	need_root
	start_by_group metrics
	url=http://127.0.0.1:$(inetd_port www)
	[ "$(status /metrics)" = 200 ]
	url=http://127.0.0.1:$(inetd_port not)
	[ "$(status /metrics)" = 503 ]
	inetd_stop
}

@test "without a daemon that answers: 503, soon" {
	no_daemon_helps metrics /metrics
}

@test "callers of all manners" {
	ask_daemon metrics -t 1 </dev/null
	callers_are_survived /metrics
	inetd_stop
}
