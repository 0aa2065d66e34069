#!/usr/bin/env bats
# qotd: a quote for everybody who calls, by stream and by datagram.

load ../helpers/family
load ../helpers/rude

# quotes: a file of three quotes that may be told and some that may not, in $INETD_DIR/quotes.
quotes() {
	{
		printf 'one\n%%\ntwo lines\nof it\n%%\n\n \n%%\n'
		printf '%0506d\n%%\n' 0 # with CR LF, 508 bytes
		printf 'too long %0503d\n%%\n' 0
		printf 'bell\a\033[2J'
	} >"$INETD_DIR/quotes"
	chmod 644 "$INETD_DIR/quotes"
}

qotd="$B/services/qotd qotd"

# start: the quotes by stream and by datagram.
start() {
	quotes
	inetd_start <<-END
		127.0.0.1:{qotd} stream tcp nowait $INETD_USER $qotd -f $INETD_DIR/quotes
		127.0.0.1:{plain} stream tcp nowait $INETD_USER $qotd
		{dgram} dgram udp wait $INETD_USER $qotd -f $INETD_DIR/quotes -t $INETD_PATIENCE
		$INETD_DIR/qotd.sock dgram unix wait $INETD_USER $qotd -t $INETD_PATIENCE
	END
}

@test "each quote is told sooner or later, as text of the network; none that is too long" {
	start
	for ((i = 0; i < 60; i++)); do
		ask_tcp qotd | base64 -w 0
		echo
	done | sort -u >"$INETD_DIR/seen"
	{
		printf 'one\r\n' | base64 -w 0 && echo
		printf 'two lines\r\nof it\r\n' | base64 -w 0 && echo
		printf '%0506d\r\n' 0 | base64 -w 0 && echo
		printf 'bell[2J\r\n' | base64 -w 0 && echo
	} | sort | diff - "$INETD_DIR/seen"
	assert_answer -e '^[A-Z][a-z ,.]+' ask_tcp plain
	# Whatever is said.
	assert_answer -e '^[A-Z][a-z ,.]+' ask_tcp plain 'the quote, please'
	assert_no_leaks
	inetd_stop
}

@test "datagrams: one answer for each in the queue, by one program, which goes when nobody asks" {
	start
	answers() {
		python3 - "$(inetd_port dgram "$1")" "$2" <<-'END'
			import socket, sys
			host = sys.argv[2]
			client = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
			client.settimeout(30)
			# An answer from elsewhere than was asked is not received.
			client.connect((host, int(sys.argv[1])))
			for i in range(20):
			    client.send(b"")
			for i in range(20):
			    answer = client.recv(65536)
			    assert 0 < len(answer) < 512 and answer.endswith(b"\r\n"), answer
			print("all")
		END
	}
	assert_answer all answers -4 127.0.0.1
	field_is dgram STARTED 1
	assert_answer all answers -4 127.0.0.3
	assert_answer all answers -6 ::1
	assert_answer -e '^[A-Z][a-z ,.]+' ask_unix -d "$INETD_DIR/qotd.sock" hello
	wait_until field_is dgram RUNNING 0
	wait_until field_is dgram STATE ready
	assert_answer all answers -4 127.0.0.1
	wait_until field_is dgram RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "servers are not answered: ports below 1024, and the port that is the service's own" {
	servers() {
		quotes
		inetd_config <<-END
			127.0.0.1:1717 dgram udp wait $INETD_USER $qotd -t $INETD_PATIENCE
		END
		inetd_start --conf "$INETD_DIR/inetd.conf"
		python3 - <<-'END'
			import socket
			def ask(host, port):
			    client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
			    client.bind((host, port))
			    client.sendto(b"", ("127.0.0.1", 1717))
			    return client
			refused = [ask("127.0.0.2", port) for port in (7, 17, 1023, 1717)]
			for port in (1024, 1716, 1718):
			    client = ask("127.0.0.2", port)
			    client.settimeout(30)
			    assert client.recv(65536)
			# Those were asked later and are answered: so would the others have been.
			for client in refused:
			    client.setblocking(False)
			    try:
			        raise SystemExit(client.recv(65536))
			    except BlockingIOError:
			        pass
		END
		inetd_stop
	}
	qotd=$qotd in_network servers
}

@test "callers with bad manners: it ends in time, and there is nothing left of them" {
	start
	answer='^[A-Z][a-z ,.]+'
	assert_answer -e "$answer" rude silent plain </dev/null
	assert_answer -e "$answer" rude byte-by-byte plain <<<'the quote, please'
	# What is said is read away, within bounds, so that the answer arrives.
	head -c 300000 /dev/urandom >"$INETD_DIR/data"
	assert_answer -e "$answer" rude half-close plain <"$INETD_DIR/data"
	for seed in 1 2 3; do
		rude rubbish -s $seed plain </dev/null
	done
	rude reset -r 5 plain </dev/null
	rude reset -r 0 plain <<<x
	rude_meanwhile never-read plain </dev/null
	wait_until field_is plain RUNNING 0
	rude_end
	rude_meanwhile never-read -n 1000000000 plain <<<x
	wait_until field_is plain RUNNING 0
	rude_end
	# Datagrams of any content and size.
	python3 - "$(inetd_port dgram -4)" <<-'END'
		import random, socket, sys
		client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		client.settimeout(30)
		client.connect(("127.0.0.1", int(sys.argv[1])))
		for size in (0, 1, 511, 512, 513, 65507):
		    client.send(random.Random(size).randbytes(size))
		    assert client.recv(65536)
	END
	wait_until field_is dgram RUNNING 0
	assert_no_leaks
	inetd_stop
}

@test "files: empty, without a quote that can be told, too large, not there" {
	: >"$INETD_DIR/empty"
	printf '\177\n%%\n%%\n\n%%\n\177\033\n%%\n%0600d\n' 0 >"$INETD_DIR/none"
	printf '\177' >"$INETD_DIR/invisible"
	printf 'one\n' >"$INETD_DIR/one"
	head -c 1100000 /dev/zero | tr '\0' x >"$INETD_DIR/large"
	assert_answer $'one\r' "$B/services/qotd" -f "$INETD_DIR/one" </dev/null
	for name in empty none invisible; do
		assert_answer -e '^[A-Z][a-z ,.]+' "$B/services/qotd" -f "$INETD_DIR/$name" </dev/null
	done
	run -1 "$B/services/qotd" -f "$INETD_DIR/large" </dev/null
	[[ $output == *'File too large' ]]
	run -1 "$B/services/qotd" -f "$INETD_DIR/nothing" </dev/null
	[[ $output == *'No such file or directory' ]]
}
