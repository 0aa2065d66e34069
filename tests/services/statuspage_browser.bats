#!/usr/bin/env bats
# shellcheck disable=SC2154
# statuspage: what a real browser makes of the page.

load ../helpers/family
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
