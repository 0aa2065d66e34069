/* nss_wait: a name service, "wait" of nsswitch.conf(5), that knows the user distant and keeps who
 * asks waiting as long as the file NSS_WAIT exists, as one of a network does whose server is
 * silent. What it makes wait is noted by NSS_WAIT with ".asked" at its end. A C library without
 * such modules (musl) loads none of it. */
#include <errno.h>
#include <fcntl.h>
#if __has_include(<nss.h>)
#include <nss.h>
#else
enum nss_status { NSS_STATUS_NOTFOUND, NSS_STATUS_SUCCESS };
#endif
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UID 54400
#define GID 65534

enum nss_status _nss_wait_getpwnam_r(
	const char *name, struct passwd *entry, char *buf, size_t size, int *err);

static void note_asked(const char *file)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s.asked", file);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd >= 0)
		close(fd);
}

enum nss_status _nss_wait_getpwnam_r(
	const char *name, struct passwd *entry, char *buf, size_t size, int *err)
{
	const char *file = getenv("NSS_WAIT");

	if (file && !access(file, F_OK))
		note_asked(file);
	while (file && !access(file, F_OK))
		usleep(10000);
	if (strcmp(name, "distant") != 0 || size < sizeof("distant")) {
		*err = ENOENT;
		return NSS_STATUS_NOTFOUND;
	}
	memcpy(buf, "distant", sizeof("distant"));
	*entry = (struct passwd){.pw_name = buf,
		.pw_passwd = buf,
		.pw_uid = UID,
		.pw_gid = GID,
		.pw_gecos = buf,
		.pw_dir = buf + strlen(buf),
		.pw_shell = buf + strlen(buf)};
	return NSS_STATUS_SUCCESS;
}
