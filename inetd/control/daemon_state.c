/* daemon_state: see daemon_state.h. */
#include "control/daemon_state.h"

#include <errno.h>
#include <stdlib.h>

#include "base/decimal.h"
#include "base/fdutil.h"
#include "base/handover.h"
#include "base/log.h"
#include "control/configure.h"
#include "control/control.h"
#include "control/events.h"
#include "control/machine.h"
#include "control/pid_file.h"
#include "run/program/plan.h"
#include "run/reload/known_names.h"
#include "run/reload/resolve.h"
#include "run/service/given_socket.h"
#include "run/service/passed_socket.h"
#include "run/service/rpc_registrar.h"
#include "run/upgrade/saved_client.h"
#include "run/upgrade/saved_program.h"
#include "run/upgrade/saved_service.h"
#include "run/upgrade/saved_waiting.h"
#include "run/upgrade/saved_worker.h"
#include "run/worker/worker_link.h"

/* --- writing --- */

static void put_daemon(FILE *out)
{
	record_begin(out, "daemon");
	record_number(out, "nofile", plan_nofile());
	pid_file_put(out);
	machine_put(out);
	configure_put(out);
	worker_put(out);
	record_end(out);
}

int daemon_state_write(void)
{
	FILE *out = handover_begin();

	if (!out)
		return -1;
	put_daemon(out);
	control_put(out);
	events_put_all(out);
	given_socket_put_all(out);
	passed_socket_put_all(out);
	saved_service_put_all(out);
	saved_client_put_all(out);
	saved_program_put_all(out);
	saved_worker_put_all(out);
	saved_waiting_put_all(out);
	resolve_put_all(out);
	known_names_put_all(out);
	rpc_registrar_put(out);
	return handover_end(out);
}

/* --- reading --- */

const char *daemon_state_read(int fd)
{
	const char *why = handover_read(fd);

	fd_close(&fd);
	return why;
}

const char *daemon_state_check(int fd)
{
	const char *why = daemon_state_read(fd);

	return why ? why : handover_check();
}

static struct rlimit *limit;

static void get_nofile(const struct record *record)
{
	if (record_get(record, "nofile"))
		limit->rlim_cur = record_get_number(record, "nofile");
}

void daemon_state_nofile(struct rlimit *nofile)
{
	limit = nofile;
	handover_each("daemon", get_nofile);
}

static const char *pid_path;
static int pid_result;

static void get_pid_file(const struct record *record)
{
	pid_result = pid_file_resume(record, pid_path);
}

int daemon_state_pid_file(const char *path)
{
	pid_path = path;
	pid_result = -1;
	handover_each("daemon", get_pid_file);
	return pid_result;
}

static void get_daemon(const struct record *record)
{
	machine_resume(record);
	configure_resume(record);
	worker_resume(record);
}

void daemon_state_begin(void)
{
	handover_each("daemon", get_daemon);
	events_get_all();
	given_socket_get_all();
	passed_socket_get_all();
	resolve_get_all();
	known_names_get_all();
	saved_service_begin();
	saved_worker_begin();
	rpc_registrar_resume();
}

void daemon_state_finish(const struct config *config, bool serves_all)
{
	unsigned kept = serves_all ? 0 : given_socket_keep_rest();
	unsigned closed, gone;

	if (saved_service_get_all() < 0 || saved_program_get_all() < 0)
		log_err("upgrade: a part of what was counted is lost");
	saved_client_get_all();
	saved_worker_get_all();
	saved_waiting_get_all();
	gone = saved_service_gone();
	saved_service_end();
	closed = given_socket_close_rest(!config->diag.errors);
	handover_forget();
	if (kept)
		log_errx("upgrade: %u socket%s without a service because of errors in the "
			 "configuration: what comes waits there until they are mended, and a "
			 "reload has seen it",
			kept, decimal_plural(kept));
	if (gone || closed)
		log_notice("upgrade: the configuration does not have %u of the services any more, "
			   "and %u of the sockets",
			gone, closed);
}

static bool (*each_label)(const char *label, void *arg);
static void *each_arg;
static bool all_labels;

static void see_label(const struct record *record)
{
	const char *label = record_get(record, "service");

	if (label && !record_get_number(record, "gone"))
		all_labels &= each_label(label, each_arg);
}

bool daemon_state_each_label(bool (*each)(const char *label, void *arg), void *arg)
{
	each_label = each;
	each_arg = arg;
	all_labels = true;
	handover_each("service", see_label);
	return all_labels;
}
