#!/usr/bin/env bats
# spare = N: what the kernel and the program itself know of a process that stood ready is what they know of one that was
# started for its connection.

load ../helpers/family
load ../helpers/spares

setup() {
	inetd_setup
	need_plain # a preloaded library and another one that has to be first do not go together
	cp "$TOP/tests/bin/process_described.py" "$INETD_DIR/described"
	chmod 755 "$INETD_DIR" "$INETD_DIR/described"
}

# unmarked OPTION... NAME: asks the service. Where the longest addresses would have stood zeros are in the block of the
# environment, and the library is in memory, which nothing can hide.
unmarked() {
	ask_tcp "$@" | sed -e '/^$/d' -e '/^mapped .*\/inetd-warm\.so$/d'
}

# described COMMAND...: two services of the command, whose program tells what is known of it, say the same.
described() {
	one_by_one "$@" "env = LANG=C.UTF-8 PYTHONCOERCECLOCALE=0 DESCRIBED=$INETD_DIR/described" 'nice = 2'
	alike unmarked -t 20
	grep -q '^status Seccomp' "$INETD_DIR/warm.out"
	grep -q '^mapped .*/libc' "$INETD_DIR/warm.out"
}

@test "C" {
	cc -x c -o "$INETD_DIR/program" - <<-'END'
		#include <stdio.h>
		#include <stdlib.h>
		#include <unistd.h>
		int main(void)
		{
			char command[4096];
			snprintf(command, sizeof(command), "exec %s %d", getenv("DESCRIBED"), getpid());
			return system(command);
		}
	END
	described "server = $INETD_DIR/program"
}

@test "sh" {
	# shellcheck disable=SC2016 # for the shell of the service
	described 'server = /bin/sh' "server_args = -c '\"\$DESCRIBED\" \$\$; exit'"
}

@test "perl" {
	inetd_script program <<-'END'
		#!/usr/bin/perl
		system $ENV{DESCRIBED}, $$;
	END
	described "server = $INETD_DIR/program"
}

@test "python" {
	inetd_script program <<-'END'
		#!/usr/bin/python3
		import os, subprocess
		subprocess.run([os.environ["DESCRIBED"], str(os.getpid())])
	END
	described "server = $INETD_DIR/program"
}

# start_slices: a service "warm" with two spares, which say which time slice they had while they started, and have.
start_slices() {
	! grep -q '^policy.*: *[1-9]' /proc/self/sched || skip 'not the ordinary scheduling policy, which alone has slices'
	grep -q '^se\.slice' /proc/self/sched || skip 'the kernel tells no time slices: Linux before 6.12'
	inetd_script program <<-END
		#!/usr/bin/python3
		import sys
		sys.dont_write_bytecode = True
		sys.path.insert(0, "$TOP/services/ready")
		from inetd_ready import inetd_ready
		def slice():
		    return [line.split()[-1] for line in open("/proc/self/sched") if line.startswith("se.slice")][0]
		began = slice()
		inetd_ready()
		print(began, slice())
	END
	start_ini <<-END
		[warm]
		listen = 0
		user = nobody
		server = $INETD_DIR/program
		spare = 2
		spare_ready = yes
	END
	wait_until ready warm 2
	slice=$(awk '/^se.slice/ { print $3 }' "/proc/$INETD_PID/sched")
}

@test "one that starts gives way to those who answer, and is like others when it is ready" {
	need_root
	start_slices
	assert_answer "$((4 * slice)) $slice" ask_tcp warm
	found warm 1
}

@test "where it could not be made like others it does not give way" {
	need_root
	INETD_UNDER='setpriv --bounding-set=-sys_nice --inh-caps=-sys_nice' start_slices
	assert_answer "$slice $slice" ask_tcp warm
	assert_answer "$slice $slice" ask_tcp warm
	found warm 2
	run ! inetd_log_has 'a spare program has ended'
}
