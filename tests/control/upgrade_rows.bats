#!/usr/bin/env bats
# What outlives an upgrade: each member of the structs that are handed over has a row in the table of its struct, or stands
# here, with the reason why it has none.

load ../helpers/family

@test "every member of a struct that is handed over has its row, or a reason" {
	run -0 python3 - "$TOP/inetd" <<-'END'
		import re, sys
		top = sys.argv[1]
		# header, struct, where the rows are, members without one
		structs = [
		    ("run/program/plan.h", "conn", "run/upgrade/saved_conn.c", {
		        "lent": "connections only", "count": "counted anew when it is served"}),
		    ("run/service/given_socket.h", "given_socket", "run/service/given_socket.c", {}),
		    ("run/service/pending_input.h", "pending_input", "run/upgrade/saved_program.c", {}),
		    ("run/program/program.h", "program", "run/upgrade/saved_program.c", {
		        "state": "the label of its service", "ticket": "saved_ticket.c", "lent": "records of their own",
		        "cage": "that of its service", "limit": "limit_at, kills", "linger": "linger, linger_ms"}),
		    ("run/service/service_state.h", "service_state", "run/upgrade/saved_service.c", {
		        "refs": "made again", "admit": "admit_stats, buckets", "number": "before the configuration", "service": "the configuration's",
		        "config": "the configuration", "holds": "disabled, backoff_until; others come again", "listed": "gone",
		        "turns": "of one turn of the loop", "planned": "of a reload", "in_line": "waiting connections are accepted again",
		        "denies": "the configuration's", "backoff": "backoff, backoff_until", "pause": "descriptors may be there now",
		        "rate_timer": "follows from the bucket", "log_limits": "logged once more", "stderr_rate": "logged once more", "locked": "its socket is asked again",
		        "cage": "made again", "spares": "others are started", "rpc": "registered by its own process",
		        "observed": "history_rows", "listeners": "given_socket.c", "in_states": "a link", "in_waiting": "a link",
		        "in_denying": "a link"}),
		    ("admit/admit.h", "admit_stats", "run/upgrade/saved_service.c", {
		        "refused": "refused_REASON", "running": "what runs is counted as it is found"}),
		    ("run/service/service_history.h", "service_history", "run/upgrade/saved_service.c", {
		        "health": "service_health"}),
		    ("run/service/service_health.h", "service_health", "run/upgrade/saved_service.c", {
		        "failed_step": "a text that is kept for ever", "executed": "since the files were read anew"}),
		]
		bad = 0
		for header, name, table, without in structs:
		    text = re.sub(r"/\*.*?\*/", " ", open(f"{top}/{header}").read(), flags=re.S)
		    body = re.search(r"^struct %s \{\n(.*?)^\};" % name, text, re.S | re.M).group(1)
		    body = re.sub(r"\{.*?\}", " ", body, flags=re.S)
		    members = []
		    for one in filter(str.strip, body.split(";")):
		        one = re.sub(r"\([^)]*\)", " ", one)
		        members += [re.search(r"(\w+)\s*(?:\[.*)?$", part.strip(), re.S).group(1) for part in one.split(",")]
		    rows = set(re.findall(r"HANDOVER_ROW\w*\(\s*(?:\w+,\s*)?\w+,\s*(?:admit\.stats\.|health\.)?(\w+)[^\"]*\"", open(f"{top}/{table}").read()))
		    if not members:
		        print(f"{name}: no members")
		        bad = 1
		    for member in members:
		        if (member in rows) == (member in without):
		            print(f"{name}: {member} has {'a row and a reason' if member in rows else 'no row in ' + table}")
		            bad = 1
		    for member in without:
		        if member not in members:
		            print(f"{name}: there is no {member}")
		            bad = 1
		sys.exit(bad)
	END
}
