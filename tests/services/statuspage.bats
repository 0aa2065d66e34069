#!/usr/bin/env bats
# shellcheck disable=SC2154
# statuspage: what inetd is doing, as a page; looked at by a real browser.

load ../helpers/family
load ../helpers/rude
load ../helpers/asking
load ../helpers/ending

# browse CODE...: Python (standard input) with a browser: `url` is the page's, `port(NAME)` that of a service,
# `visit(NAME)` a connection to it from beginning to end.
browse() {
	{
		cat <<-END
			import socket, sys, time
			sys.path.insert(0, "$TOP/tests/bin")
			from browser import Browser
			url = "$url/"
			ports = {$(for name in used www "$@"; do printf '"%s": %s, ' "$name" "$(inetd_port "$name")"; done)}
			def connect(name):
			    return socket.create_connection(("127.0.0.1", ports[name]), 10)
			def visit(name):
			    with connect(name) as client:
			        client.shutdown(socket.SHUT_WR)
			        while client.recv(1000):
			            pass
			def row(name):
			    return f"[...document.querySelectorAll('#rows tr')].find(row => row.querySelector('.name').textContent === {name!r})"
		END
		cat
	} >"$INETD_DIR/browse.py"
	timeout $((100 * INETD_PATIENCE)) python3 "$INETD_DIR/browse.py"
}

@test "the page without a browser: whole, by itself, never kept" {
	ask_daemon statuspage </dev/null
	[ "$(status /)" = 200 ]
	[ "$(status /status.json)" = 200 ]
	[ "$(status '/?x')" = 200 ]
	[ "$(status -I /)" = 200 ]
	[ "$(printf 'HEAD / HTTP/1.0\r\n\r\n' | rude half-close www | tail -n 1)" = $'\r' ]
	[ "$(status /favicon.ico)" = 404 ]
	[ "$(status -X POST /)" = 405 ]
	[ "$(field content-type /)" = 'text/html; charset=utf-8' ]
	[ "$(field cache-control /)" = no-store ]
	[ "$(field x-content-type-options /)" = nosniff ]
	[ "$(field referrer-policy /)" = no-referrer ]
	policy=$(field content-security-policy /)
	[[ $policy == "default-src 'none'; style-src 'nonce-"*"; script-src 'nonce-"*"; connect-src 'self'; "* ]]
	[[ $policy != *unsafe* && $policy == *"frame-ancestors 'none'"* && $policy == *"form-action 'none'"* ]]
	# Nobody knows the nonce of another answer; and it is the one of the page.
	get -D "$INETD_DIR/head" -o "$INETD_DIR/page" /
	nonce=$(sed -n "s/.*script-src 'nonce-\([0-9a-f]*\)'.*/\1/p" "$INETD_DIR/head")
	[ ${#nonce} = 32 ]
	[ "$(grep -c "nonce=\"$nonce\"" "$INETD_DIR/page")" = 2 ]
	[[ $(field content-security-policy /) != *"$nonce"* ]]
	run ! grep -E '(src|href)="?[^"#/d]|url\(|@import|//[a-z]+\.' <(sed 's,http://www.w3.org/2000/svg,,' "$INETD_DIR/page")
	inetd_stop
}

@test "of a daemon on demand it tells whether it is there, and how often it was started again" {
	inetd_script daemon <<-'END'
		#!/usr/bin/python3
		import os, socket, sys
		server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
		while True:
		    sock = server.accept()[0]
		    if sock.recv(100) == b"die\n":
		        os._exit(1)
		    sock.close()
	END
	ask_daemon statuspage <<-END
		[lazy]
		port = 0
		server = $INETD_DIR/daemon
		server_args = {port}
		activation = proxy
	END
	get / | grep -q '>daemon stopped<'
	ask_tcp lazy hi
	get / | grep -q '>daemon running<'
	ask_tcp lazy die
	wait_until eval "inetctl status lazy | grep -q 'started again 1 time' || ask_tcp lazy hi"
	wait_until eval "get / | grep -q '>daemon running, started again 1 time<'"
	inetd_stop
}

@test "the same as data" {
	ask_daemon statuspage </dev/null
	assert_answer hi ask_tcp used hi
	wait_until field_is used RUNNING 0
	[ "$(field content-type /status.json)" = application/json ]
	get /status.json >"$INETD_DIR/status.json"
	run -0 python3 - "$INETD_DIR/status.json" <<-'END'
		import json, sys
		data = json.load(open(sys.argv[1]))
		assert data["daemon"]["services"] == 2 and data["time"] > 1e9, data
		assert "somaxconn" in data["machine"], data
		service = {one["label"]: one for one in data["services"]}
		assert service["used"]["started"] == 1 and service["used"]["state"] == "ready", service
		assert len(service["used"]["history"]) == 60, service
		assert sorted(one["service"] for one in data["endpoints"]) == ["used", "www"], data
		assert any(one["text"] == "used: started" for one in data["events"]), data
	END
	inetd_stop
}

@test "in a browser: loads, shows what there is, goes on by itself, asks nobody else" {
	ask_daemon statuspage -r 1 <<-END
		[refuses]
		port = 0
		server = /bin/cat
		no_access = 127.0.0.0/8
		[zero]
		port = 0
		server = /bin/cat
		instances = 1
	END
	browse zero refuses <<-'END'
		with Browser() as browser:
		    visit("refuses")
		    page = browser.page()
		    page.open(url)
		    assert page.value("document.title").startswith("4 services, all well"), page.value("document.title")
		    assert page.value(f"{row('used')}.querySelector('.pill').textContent") == "ready"
		    assert page.value(f"{row('refuses')}.querySelector('.reasons').textContent") == "access 1"
		    assert page.value(f"{row('used')}.querySelector('.address').textContent") == f"127.0.0.1:{ports['used']}"
		    assert page.value("document.querySelectorAll('#log li').length") >= 3
		    assert page.value(f"{row('used')}.querySelector('.bars') === null")
		    page.value("window.same = true")
		    with connect("used"):
		        page.wait(f"{row('used')}.querySelector('.number').textContent === '1'", "program seen to run")
		    page.wait(f"{row('used')}.querySelector('.number').textContent === '0'", "end of it seen")
		    page.wait(f"{row('used')}.querySelector('.bars') !== null", "sparkline")
		    page.wait("[...document.querySelectorAll('#log li')].some(one => one.textContent.includes('used: ended'))",
		              "event")
		    # What is held back comes first, in the title too.
		    with connect("zero"), connect("zero"):
		        page.wait("document.title.startsWith('4 services: 1 held back')", "headline")
		        assert page.value("document.querySelector('#rows tr .name').textContent") == "zero"
		        assert page.value("document.querySelector('#rows tr .pill').textContent") == "full"
		        assert page.value("document.querySelector('#rows tr .meter').getAttribute('aria-valuenow')") == "1"
		        page.wait("document.querySelector('#rows tr .queue').textContent.startsWith('queue 1/')", "queue")
		    page.wait("document.title.startsWith('4 services, all well')", "headline")
		    # All of that without a new page, from nowhere else, and with nothing to complain of.
		    assert page.value("window.same") is True
		    elsewhere = [one for one in page.requests() if not one.startswith((url, "data:"))]
		    assert not elsewhere, elsewhere
		    assert len(page.requests()) > 3
		    assert not page.complaints(), page.complaints()
		    # The complaints would have been heard.
		    page.value("document.body.append(Object.assign(document.createElement('img'), {src: '/x.png'})), "
		               "fetch('http://127.0.0.1:1/').catch(() => 0)")
		    page.wait(lambda: len(page.complaints()) >= 2, "violation")
	END
	assert_no_leaks
	inetd_stop
}

@test "in a browser: filter, problems only, pause" {
	ask_daemon statuspage -r 1 <<-END
		[other]
		port = 0
		server = /bin/cat
		instances = 1
	END
	browse other <<-'END'
		with Browser() as browser, connect("other"), connect("other"):
		    page = browser.page()
		    page.open(url)
		    shown = "[...document.querySelectorAll('#rows tr')].filter(row => row.checkVisibility()).map(row => row.querySelector('.name').textContent).join()"
		    page.wait("document.title.includes('held back')", "headline")
		    assert page.value(shown) == "other,used,www", page.value(shown)
		    page.value("document.getElementById('filter').focus()")
		    page.call("Input.insertText", text="Cat used")
		    assert page.value(shown) == "used", page.value(shown)
		    assert page.value("document.getElementById('shown').textContent") == "1 of 3 shown"
		    # It stays so in what comes.
		    visit("used")
		    page.wait(f"{row('used')}.querySelector('.connections').textContent.includes('1 in all')", "count")
		    assert page.value(shown) == "used", page.value(shown)
		    page.value("document.getElementById('filter').select()")
		    page.call("Input.insertText", text="127.0.0.1")
		    page.value("document.getElementById('problems').click()")
		    assert page.value(shown) == "other", page.value(shown)
		    # While it pauses nothing is asked.
		    page.value("document.getElementById('pause').click()")
		    assert page.value("document.getElementById('pause').getAttribute('aria-pressed')") == "true"
		    at = page.value("document.getElementById('at').textContent")
		    asked = len(page.requests())
		    browser.listen(2.5)
		    assert len(page.requests()) == asked
		    assert page.value("document.getElementById('at').textContent") == at
		    page.value("document.getElementById('pause').click()")
		    page.wait(f"document.getElementById('at').textContent !== {at!r}", "update")
		    assert not page.complaints(), page.complaints()
	END
	inetd_stop
}

@test "in a browser: names and texts of strangers stay text" {
	# shellcheck disable=SC2089
	name='<script>document.title=1</script><img src=x onerror=alert(1)> "q" '\''a'\'' &amp; </script> -->'
	# shellcheck disable=SC2089
	caller='<svg onload=alert(2)><b>"'\''&'
	ask_daemon statuspage -r 1 <<-END
		[$name]
		listen = $INETD_DIR/<i>.sock
		server = /bin/cat
	END
	# Whose socket has a name says that as its address.
	python3 - "$INETD_DIR/<i>.sock" "$caller" <<-'END'
		import socket, sys
		s = socket.socket(socket.AF_UNIX)
		s.bind("\0" + sys.argv[2])
		s.connect(sys.argv[1])
		s.shutdown(socket.SHUT_WR)
		assert not s.recv(1)
	END
	# shellcheck disable=SC2090
	export name caller
	browse <<-'END'
		import os
		name, caller = os.environ["name"], os.environ["caller"]
		with Browser() as browser:
		    page = browser.page()
		    page.open(url)
		    assert page.value(f"{row(name)} !== undefined"), page.value("document.body.textContent")
		    assert page.value(f"{row(name)}.querySelector('.address').textContent").endswith("/<i>.sock")
		    events = page.value("document.getElementById('log').textContent")
		    assert caller in events and name in events, events
		    assert page.value("document.querySelectorAll('script').length") == 1
		    assert page.value("document.querySelectorAll('img, i, b, svg[onload]').length") == page.value(
		        "document.querySelectorAll('.reasons b, .notice b').length")
		    # And so in what comes.
		    visit("used")
		    page.wait(f"{row('used')}.querySelector('.connections').textContent.includes('1 in all')", "count")
		    assert page.value(f"{row(name)} !== undefined")
		    assert page.value("document.querySelectorAll('script').length") == 1
		    assert not page.complaints(), page.complaints()
		    assert all(one.startswith((url, "data:")) for one in page.requests()), page.requests()
		    assert page.value(f"fetch('/status.json').then((r) => r.json()).then((j) => j.services.some((one) => one.name === {name!r}))")
	END
	inetd_stop
}

@test "in a browser without JavaScript: the same, made anew by the browser" {
	ask_daemon statuspage -r 1 </dev/null
	browse <<-'END'
		with Browser() as browser:
		    page = browser.page()
		    page.call("Emulation.setScriptExecutionDisabled", value=True)
		    page.open(url)
		    text = "document.getElementById('rows').textContent"
		    assert "used" in page.value(text) and page.value("document.getElementById('tools').hidden")
		    assert page.value("document.getElementById('pause').hidden")
		    visit("used")
		    loads = page.count("Page.loadEventFired")
		    page.wait(lambda: page.count("Page.loadEventFired") > loads + 1, "reload")
		    assert "1 in all" in page.value(text), page.value(text)
		    assert not page.complaints(), page.complaints()
	END
	inetd_stop
}

@test "in a browser: the daemon goes and comes" {
	ask_daemon statuspage -r 1 -t 1 </dev/null
	mkdir "$INETD_DIR/moved"
	export INETD_DIR
	browse <<-'END'
		import os
		here = os.environ["INETD_DIR"]
		with Browser() as browser:
		    page = browser.page()
		    page.open(url)
		    os.rename(f"{here}/control", f"{here}/moved/control")
		    page.wait("document.getElementById('notices').textContent.includes('cannot be asked: No such file')", "notice")
		    assert page.value("document.title").startswith("no answer")
		    assert page.value(f"{row('used')} !== undefined")
		    other = browser.page()
		    other.open(url)
		    assert other.value("document.getElementById('rows')") is None
		    os.rename(f"{here}/moved/control", f"{here}/control")
		    for one in (other, page): # who is behind asks nothing until it comes to the front
		        one.call("Page.bringToFront")
		        one.wait("document.getElementById('notices')?.textContent.trim() === ''", "recovery")
		        one.wait(f"{row('used')} !== undefined", "services")
	END
	inetd_stop
}

@test "hundreds of services; more than are shown are told" {
	for i in $(seq 300); do
		printf '[s%d]\nlisten = %s\nserver = /bin/cat\n' "$i" "$INETD_DIR/s$i"
	done >"$INETD_DIR/many"
	ask_daemon statuspage -n 250 <"$INETD_DIR/many"
	get / >"$INETD_DIR/page"
	[ "$(grep -c '<tr role="row" class' "$INETD_DIR/page")" = 250 ]
	grep -qF 'And 52 more' "$INETD_DIR/page"
	# In the order of numbers.
	[ "$(grep -o '<bdi>s[0-9]*</bdi>' "$INETD_DIR/page" | head -n 11 | tail -n 1)" = '<bdi>s11</bdi>' ]
	[ "$(get /status.json | python3 -c 'import json, sys; print(len(json.load(sys.stdin)["services"]))')" = 302 ]
	inetd_stop
}

@test "as a user of its own, by the group of the control socket" {
	need_root
	start_by_group statuspage
	url=http://127.0.0.1:$(inetd_port www)
	[ "$(status /)" = 200 ]
	[ "$(status /status.json)" = 200 ]
	url=http://127.0.0.1:$(inetd_port not)
	[ "$(status /)" = 503 ]
	[[ $(get /) == *'cannot be asked:</b> Permission denied'* ]]
	inetd_stop
}

@test "without a daemon that answers: 503, soon" {
	no_daemon_helps statuspage /
	no_daemon_helps statuspage /status.json
}

@test "answers that are no records: 503" {
	inetd_start <<-END
		127.0.0.1:{www} stream tcp nowait $INETD_USER $B/services/statuspage statuspage -t 1 -s $INETD_DIR/false
	END
	url=http://127.0.0.1:$(inetd_port www)
	false_daemon records
	[ "$(status /)" = 503 ]
	[ "$(status /status.json)" = 503 ]
	kill "$false_pid"
	wait "$false_pid" || true
	rm "$INETD_DIR/false"
	inetd_stop
}

@test "a daemon that says nothing of itself, and of nobody, is shown" {
	inetd_start <<-END
		127.0.0.1:{www} stream tcp nowait $INETD_USER $B/services/statuspage statuspage -t 1 -s $INETD_DIR/false
	END
	url=http://127.0.0.1:$(inetd_port www)
	false_daemon empty
	[ "$(status /)" = 200 ]
	[ "$(status /status.json)" = 200 ]
	kill "$false_pid"
	wait "$false_pid" || true
	rm "$INETD_DIR/false"
	inetd_stop
}

@test "only who asks for this host, by a name of its own or an address, is answered" {
	ask_daemon statuspage -H page.example </dev/null
	for host in 127.0.0.1 '[::1]:80' localhost "$(hostname):8080" page.example PAGE.EXAMPLE.:80; do
		[ "$(status -H "Host: $host" /)" = 200 ] || fail "$host"
		[ "$(status -H "Host: $host" /status.json)" = 200 ] || fail "$host"
	done
	for host in evil.example "$(hostname).evil.example" page.example.evil.example x127.0.0.1; do
		[ "$(status -H "Host: $host" /)" = 421 ] || fail "$host"
		[ "$(status -H "Host: $host" /status.json)" = 421 ] || fail "$host"
	done
	# What the target says counts.
	[[ $(printf 'GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n' | rude half-close www) == *' 421 '* ]]
	[ "$(status -H 'Host: a b' /)" = 400 ]
	inetd_stop
}

@test "callers of all manners" {
	ask_daemon statuspage -t 1 </dev/null
	callers_are_survived /
	inetd_stop
}
