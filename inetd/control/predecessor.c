/* predecessor: see predecessor.h. */
#include "control/predecessor.h"

#include <stdio.h>

#include "base/log.h"
#include "control/control_socket.h"
#include "control/pid_file.h"
#include "run/service/socket_path.h"

void predecessor_note(void)
{
	pid_t pid = pid_file_stale();
	bool control = control_socket_was_stale();
	unsigned paths = socket_path_replaced() - control;
	char of_pid[48] = "", of_paths[48] = "";

	if (!pid && !control && !paths)
		return;
	if (pid)
		snprintf(of_pid, sizeof(of_pid), ", the pid file of process %d", (int)pid);
	if (paths)
		snprintf(of_paths, sizeof(of_paths), ", %u socket path%s", paths,
			paths == 1 ? "" : "s");
	log_notice(
		"the daemon before did not stop in order; found stale, and taken%s%s%s: programs "
		"of it that still run go on, but are not counted",
		of_pid, control ? ", the control socket" : "", of_paths);
}
