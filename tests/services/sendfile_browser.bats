#!/usr/bin/env bats
# shellcheck disable=SC2154
# sendfile: what a real browser makes of a directory that it serves.

load ../helpers/family
load ../helpers/asking

setup() {
	inetd_setup
	WWW=$INETD_DIR/www
	mkdir -p "$WWW/site/my pictures"
	cat >"$WWW/site/index.html" <<-'END'
		<!doctype html>
		<meta charset="utf-8">
		<title>Ünïcode</title>
		<link rel="icon" href="data:,">
		<link rel="stylesheet" href="style.css">
		<p id="mark">nothing yet</p>
		<img id="picture" src="my%20pictures/one.png" alt="">
		<a id="up" href="..">up</a>
		<script src="script.js"></script>
	END
	# Their types are in the names only, and the browser is told not to guess.
	echo '#mark { color: rgb(1, 2, 3); }' >"$WWW/site/style.css"
	cat >"$WWW/site/script.js" <<-'END'
		addEventListener("load", () => {
			const mark = document.getElementById("mark"), picture = document.getElementById("picture");
			mark.textContent = `${picture.naturalWidth}x${picture.naturalHeight} ${getComputedStyle(mark).color}`;
		});
	END
	python3 - "$WWW/site/my pictures/one.png" <<-'END'
		import struct, sys, zlib
		def chunk(name, data):
		    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
		with open(sys.argv[1], "wb") as out:
		    out.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 8, 2, 0, 0, 0)) +
		              chunk(b"IDAT", zlib.compress(2 * (b"\0" + 9 * b"\x80"))) + chunk(b"IEND", b""))
	END
	echo '<!doctype html><title>front</title><link rel="icon" href="data:,">' >"$WWW/index.html"
	chmod -R go+rX "$INETD_DIR"
	start_ini <<-END
		[www]
		port = 0
		server = $B/services/sendfile
		server_args = $WWW
		log = exit
	END
	url=http://127.0.0.1:$(inetd_port www)
}

# browse: Python (standard input) with a browser in `browser`, an empty tab in `page`, and `url`.
browse() {
	{
		cat <<-END
			import sys
			sys.path.insert(0, "$TOP/tests/bin")
			from browser import Browser
			url = "$url"
			def mark(page):
			    return page.value("document.getElementById('mark').textContent")
			def statuses(page):
			    return [one["statusCode"] for one in page.happened("Network.responseReceivedExtraInfo")]
			browser = Browser()
		END
		echo 'with browser:'
		echo '    page = browser.page()'
		sed 's/^/    /'
	} >"$INETD_DIR/browse.py"
	timeout $((100 * INETD_PATIENCE)) python3 "$INETD_DIR/browse.py"
}

@test "a directory is its page; style, picture and script come with it and work" {
	browse <<-'END'
		page.open(url + "/site")
		assert page.value("location.pathname") == "/site/", "the slash"
		assert page.value("document.title") == "Ünïcode"
		assert mark(page) == "3x2 rgb(1, 2, 3)", mark(page)
		assert not page.complaints(), page.complaints()
		# The directory above, as the link has it.
		page.open(page.value("document.getElementById('up').href"))
		assert page.value("document.title") == "front"
		assert page.value("location.pathname") == "/"
		assert not page.complaints(), page.complaints()
	END
	inetd_stop
}

@test "what is missing or of a wrong type does not work, and the browser says so" {
	rm "$WWW/site/my pictures/one.png"
	mv "$WWW/site/style.css" "$WWW/site/style.txt"
	sed -i 's/style.css/style.txt/' "$WWW/site/index.html"
	browse <<-'END'
		page.open(url + "/site/")
		assert mark(page) == "0x0 rgb(0, 0, 0)", mark(page)
		page.wait(lambda: len(page.complaints()) >= 2, "complaint of both")
	END
	inetd_stop
}

@test "loaded again, what the browser has is asked for by its tag and not sent; what has changed is" {
	# Files that change in future are not trusted for a while.
	find "$WWW" -type f -exec touch -d '+1 hour' {} +
	browse <<-END
		page.open(url + "/site/")
		page.wait(lambda: len(statuses(page)) >= 4, "answer to each")
		assert statuses(page) == [200] * 4, statuses(page)
		loads = page.count("Page.loadEventFired")
		open("$WWW/site/style.css", "w").write("#mark { color: rgb(4, 5, 6); }")
		page.call("Page.reload")
		page.wait(lambda: page.count("Page.loadEventFired") > loads, "page again")
		assert mark(page) == "3x2 rgb(4, 5, 6)", mark(page)
		page.wait(lambda: len(statuses(page)) >= 8, "answer to each again")
		assert sorted(statuses(page)[4:]) == [200, 304, 304, 304], statuses(page)
	END
	inetd_stop
}
