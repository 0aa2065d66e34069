#!/usr/bin/env bats
# heartbeat: frames, and peers that are there or not.

load ../helpers/family
load ../helpers/rude
load ../helpers/noting

start() {
	inetd_start <<-END
		127.0.0.1:{calm} stream tcp nowait $INETD_USER $(noting "$B/services/heartbeat")
		127.0.0.1:{quick} stream tcp nowait $INETD_USER $(noting "$B/services/heartbeat" -i 100)
	END
}

# frames NAME WORD...: what tests/bin/frames.py prints, on one line.
frames() {
	"$TOP/tests/bin/frames.py" "$(inetd_port "$1")" "${@:2}" | paste -sd ' '
}

@test "DATA comes back, PING is answered by PONG with its data, PONG by nothing" {
	start
	assert_answer 'DATA=hello DATA= closed' frames calm DATA=hello DATA= end all
	assert_answer 'PONG=1234 PONG= closed' frames calm PING=1234 PING= end all
	assert_answer 'DATA=after closed' frames calm PONG= PONG=text silence DATA=after end all
	# In network byte order, and as long as a frame may be.
	assert_answer 'DATA=ab' frames calm raw=000100026162 read
	long=$(printf %04096d 0)
	assert_answer "DATA=$long DATA=$long closed" frames calm "DATA=$long" "DATA=$long" end all
	wait_until have_ended 5
	assert_no_leaks
	inetd_stop
}

@test "frames come in any pieces" {
	start
	assert_answer 'DATA=hello PONG=x DATA=again closed' frames calm slowly DATA=hello PING=x DATA=again end all
	assert_answer 'DATA=ab DATA=cd DATA=ef closed' frames calm part=00 part=0100 part=02616200010002 \
		part=6364000100026566 end all
	wait_until have_ended 2
	inetd_stop
}

@test "what is no frame gets an ERROR and a close" {
	start
	assert_answer 'DATA=ok' frames calm DATA=ok read
	assert_answer 'ERROR=unknown type closed' frames calm raw=00000000 all
	assert_answer 'ERROR=unknown type closed' frames calm raw=00050000 all
	assert_answer 'ERROR=unknown type closed' frames calm raw=01000001 all
	# Told by its head; what was good before is answered before.
	assert_answer 'DATA=ok ERROR=length above 4096 closed' frames calm DATA=ok raw=00011001 all
	assert_answer 'ERROR=length above 4096 closed' frames calm raw=0002ffff all
	assert_answer 'ERROR=end inside a frame closed' frames calm raw=000100 end all
	assert_answer 'ERROR=end inside a frame closed' frames calm raw=0001000261 end all
	# What follows is not looked at.
	assert_answer 'ERROR=unknown type closed' frames calm raw=00ff0000 DATA=more all
	# The other side's error ends it without one of ours.
	assert_answer closed frames calm ERROR=sorry all
	wait_until have_ended 10
	assert_no_leaks
	inetd_stop
}

@test "a silent peer is probed three times, then dropped" {
	start
	assert_answer 'PING= PING= PING= closed' frames quick all
	# Half a frame is no sign of life.
	assert_answer 'PING= PING= PING= closed' frames quick raw=000100 all
	# The other one is still patient.
	assert_answer 'DATA=there' frames calm silence DATA=there read
	wait_until have_ended 3
	inetd_stop
}

@test "a peer that answers its probes is not dropped, and one that talks is not probed" {
	start
	assert_answer 'PING= PING= PING= closed' frames quick answer all
	# Any frame counts, not only a PONG.
	assert_answer 'PING= PING= DATA=here PING= PING= PING= closed' frames quick read read DATA=here read all
	wait_until have_ended 2
	inetd_stop
}

@test "what is queued for a peer that is slow to read comes whole" {
	start
	/usr/bin/python3 - "$(inetd_port calm)" <<-'END'
		import socket, struct, sys, threading
		s = socket.socket()
		s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
		s.settimeout(30)
		s.connect(("127.0.0.1", int(sys.argv[1])))
		frames = b"".join(struct.pack("!HH", 1, 4000) + bytes([i % 256]) * 4000 for i in range(5000))
		def send():
		    s.sendall(frames)
		    s.shutdown(socket.SHUT_WR)
		sender = threading.Thread(target=send)
		sender.start()
		sender.join(0.5)
		assert sender.is_alive(), "nobody held it up"
		got = b"".join(iter(lambda: s.recv(10000), b""))
		sender.join()
		assert got == frames, (len(got), len(frames))
	END
	wait_until have_ended 1
	inetd_stop
}

@test "callers with bad manners: it ends, and there is nothing left of them" {
	start
	[ "$(rude byte-by-byte quick < <(printf '\0\1\0\2ab') | od -An -tx1 | xargs)" = '00 01 00 02 61 62' ]
	rude reset quick < <(printf '\0\1\0\2ab')
	rude reset -r 4 calm < <(printf '\0\1\0\2ab')
	assert_answer -e '^[1-9][0-9]*$' rude rubbish calm </dev/null
	assert_answer -e '^[1-9][0-9]*$' rude rubbish -s 2 calm </dev/null
	# Who does not read cannot be probed, and is dropped in the same time.
	rude_meanwhile never-read -n 200000000 quick < <(printf '\0\1\0\2ab')
	wait_until have_ended 6
	rude_end
	rude_meanwhile never-read quick </dev/null
	wait_until have_ended 7
	rude_end
	assert_no_leaks
	inetd_stop
}

@test "without a connection it says so" {
	run -1 "$B/services/heartbeat" </dev/null
	[[ $output == *"not a connection"* ]]
}
