/* hostile-files: what hostile tries against a file, its argument. */
#ifndef TESTS_HOSTILE_FILES_H
#define TESTS_HOSTILE_FILES_H

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hostile-others.h"

static int remove_path(void)
{
	return unlink(argument);
}

/* By its number in the file system, for which it takes rights of root. */
static int cut_by_handle(void)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} file = {.handle.handle_bytes = MAX_HANDLE_SZ};
	int place = open(argument, O_RDONLY | O_CLOEXEC), mount, result;

	result = name_to_handle_at(AT_FDCWD, argument, &file.handle, &mount, 0);
	result = result ? -1 : open_by_handle_at(place, &file.handle, O_TRUNC | O_CLOEXEC);
	close(place);
	return result;
}

/* Without opening it to write, in every way that there is: done if one of them did it. */
static int cut_path(void)
{
	struct open_how how = {.flags = O_TRUNC | O_CLOEXEC};

	return syscall(SYS_openat2, AT_FDCWD, argument, &how, sizeof(how)) >= 0 ||
			       cut_by_handle() >= 0 ||
#ifdef SYS_open
			       syscall(SYS_open, argument, O_TRUNC) >= 0 ||
			       syscall(SYS_open, argument, O_TRUNC | O_WRONLY | O_RDWR) >= 0 ||
#endif
			       openat(AT_FDCWD, argument, O_TRUNC | O_CLOEXEC) >= 0 ||
			       openat(AT_FDCWD, argument,
				       O_TRUNC | O_WRONLY | O_RDWR | O_CLOEXEC) >= 0 ||
			       truncate(argument, 0) == 0
		       ? 0
		       : -1;
}

#endif
