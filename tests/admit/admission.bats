#!/usr/bin/env bats
# What the limits by source are for: one client that takes all it can get keeps no other one out.

load ../helpers/family

# Takes all it can from SOURCE: opens connections as fast as it can and keeps them as long as it can, while
# another source comes once in a while. Says how many of each were served.
greedy() {
	cat <<-'END'
		import os, resource, select, socket, sys, time
		port, rounds, patience = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
		hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
		resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

		def connect(source, wait):
		    s = socket.socket()
		    s.settimeout(wait)
		    s.setsockopt(socket.IPPROTO_IP, 24, 1)  # IP_BIND_ADDRESS_NO_PORT
		    s.bind((source, 0))
		    s.connect(("127.0.0.1", port))
		    return s

		def greed(ready):
		    held, asked = [], 0
		    while True:
		        held.append(connect("127.0.0.2", 60 * patience))
		        asked += 1
		        if asked == 1000:
		            os.write(ready, b"x")
		        if len(held) == 4000:  # what came later is closed by the other side
		            del held[2000:]

		def polite():
		    s = connect("127.0.0.3", 5 * patience)
		    s.sendall(b"hi")
		    s.shutdown(socket.SHUT_WR)
		    answer = s.recv(9)
		    s.close()
		    return answer == b"hi"

		ready = os.pipe()
		pid = os.fork()
		if pid == 0:
		    try:
		        greed(ready[1])
		    finally:
		        os._exit(1)
		try:
		    os.read(ready[0], 1)
		    served = sum(polite() for _ in range(rounds))
		    ended = os.waitpid(pid, os.WNOHANG)[0]
		finally:
		    os.kill(pid, 9)
		print(f"{served} of {rounds}", "alone" if ended else "beside it")
	END
}

@test "a client that opens connections as fast as it can keeps no other one out" {
	need_plain
	# Without the limit it does: so the test can fail.
	start_ini <<-END
		[default]
		port = 0
		server = /bin/cat
		[shared]
		port = 0
		server = /bin/cat
		per_source = unlimited
		instances = 256
		overload = refuse
	END
	greedy >"$INETD_DIR/greedy.py"
	run timeout $((60 * INETD_PATIENCE)) python3 "$INETD_DIR/greedy.py" "$(inetd_port shared)" 20 "$INETD_PATIENCE"
	[ "$output" != '20 of 20 beside it' ]
	wait_until field_is shared RUNNING 0

	run -0 timeout $((60 * INETD_PATIENCE)) python3 "$INETD_DIR/greedy.py" "$(inetd_port default)" 50 "$INETD_PATIENCE"
	[ "$output" = '50 of 50 beside it' ] || fail "$output"
	[ "$(inetd_field default REFUSED)" -ge 800 ]
	assert_no_leaks
	inetd_stop
}
