/* ask: the client's side of the control protocol (control/control.h). */
#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl/ctl.h"

#define PROTOCOL "inetd/1 "
#define CONTROL  "/run/inetd.sock"

#define PATIENCE_S 60 /* for each step; a reload may take its time */

const char *ctl_default_socket(void)
{
	static char own[sizeof(((struct sockaddr_un *)0)->sun_path)];
	const char *path = getenv("INETD_CONTROL"), *dir = getenv("XDG_RUNTIME_DIR");

	if (path && *path)
		return path;
	if (geteuid() == 0 || !dir)
		return CONTROL;
	snprintf(own, sizeof(own), "%s/inetd.sock", dir);
	return own;
}

static int open_control(const char *path)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd;

	if (strlcpy(addr.sun_path, path, sizeof(addr.sun_path)) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) &&
		!setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) &&
		connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	return -1;
}

/* Copies the answer to out; returns its status, or CTL_FAILED when it is none. */
static int read_answer(FILE *in, FILE *out)
{
	char line[256] = "", buf[8192];
	const char *err = "";
	size_t len;
	int status;

	errno = 0;
	if (!fgets(line, sizeof(line), in) && errno == EAGAIN) {
		fprintf(stderr, "inetctl: no answer within %d s\n", PATIENCE_S);
		return CTL_FAILED;
	}
	if (strncmp(line, PROTOCOL, strlen(PROTOCOL)) != 0) {
		fputs("inetctl: the answer is not one of an inetd of this version\n", stderr);
		return CTL_FAILED;
	}
	line[strcspn(line, "\n")] = 0;
	status = (int)strtonum(line + strlen(PROTOCOL), 0, 255, &err);
	if (err)
		status = CTL_FAILED;
	/* Why nothing was done is no part of what was asked for. */
	if (status == CTL_FAILED)
		out = stderr;
	while ((len = fread(buf, 1, sizeof(buf), in)) > 0)
		fwrite(buf, 1, len, out);
	if (ferror(in) || fflush(out) == EOF) {
		fprintf(stderr, "inetctl: %s\n", strerror(errno));
		return CTL_FAILED;
	}
	return status;
}

int ask_daemon(const char *socket, const char *verb, const char *arg, FILE *out)
{
	FILE *stream;
	int status, fd;

	if (arg && (!*arg || strchr(arg, '\n'))) {
		fprintf(stderr, "inetctl: %s: an argument is one line of text\n", verb);
		return CTL_USAGE;
	}
	fd = open_control(socket);
	stream = fd < 0 ? NULL : fdopen(fd, "r");
	if (!stream) {
		fprintf(stderr,
			"inetctl: no inetd answers on %s: %s (is it running? another path is "
			"given by -s or INETD_CONTROL)\n",
			socket, strerror(errno));
		return CTL_FAILED;
	}
	if (dprintf(fd, PROTOCOL "%s%s%s\n", verb, arg ? " " : "", arg ? arg : "") < 0) {
		fprintf(stderr, "inetctl: %s: %s\n", socket, strerror(errno));
		fclose(stream);
		return CTL_FAILED;
	}
	status = read_answer(stream, out);
	fclose(stream);
	return status;
}

int ctl_ask(const struct ctl *ctl)
{
	return ask_daemon(ctl->socket, ctl->verb, ctl->arg, stdout);
}
