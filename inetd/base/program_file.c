/* program_file: see program_file.h. Formats: elf(5), execve(2). */
#include "base/program_file.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fdutil.h"
#include "base/large.h"
#include "base/path.h"

#define HEAD_BYTES 256 /* that the kernel looks at too */

/* One file, as far as it matters. */
struct head {
	char bytes[HEAD_BYTES];
	char loader[PATH_MAX]; /* that a program asks for (PT_INTERP); "": none */
	bool is_elf, is_script, has_rights;
};

/* Returns false for what cannot be read. */
static bool read_loader(int fd, struct head *head)
{
	ElfW(Ehdr) elf;
	ElfW(Phdr) part;
	ssize_t got;

	memcpy(&elf, head->bytes, sizeof(elf));
	for (unsigned i = 0; i < elf.e_phnum && i < PN_XNUM; i++) {
		off_t at = (off_t)(elf.e_phoff + i * sizeof(part));

		got = pread(fd, &part, sizeof(part), at);
		if (got != sizeof(part))
			return got >= 0;
		if (part.p_type != PT_INTERP || !part.p_filesz || part.p_filesz > PATH_MAX)
			continue;
		got = pread(fd, head->loader, part.p_filesz, (off_t)part.p_offset);
		head->loader[part.p_filesz - 1] = 0;
		return got >= 0;
	}
	return true;
}

/* Returns false for what cannot be read. */
static bool read_head(const char *path, struct head *head)
{
	const char class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	bool done;

	memset(head, 0, sizeof(*head));
	done = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       pread(fd, head->bytes, HEAD_BYTES - 1, 0) > 0;
	if (done) {
		head->has_rights = st.st_mode & (S_ISUID | S_ISGID) ||
				   fgetxattr(fd, "security.capability", NULL, 0) > 0;
		head->is_script = !strncmp(head->bytes, "#!", 2);
		head->is_elf =
			!memcmp(head->bytes, ELFMAG, SELFMAG) && head->bytes[EI_CLASS] == class;
	}
	if (done && head->is_elf)
		done = read_loader(fd, head);
	fd_close(&fd);
	return done;
}

/* With what a link leads to. */
static void note(struct program_files *files, const char *path)
{
	char real[PATH_MAX];

	if (files->count < PROGRAM_FILES)
		strlcpy(files->paths[files->count++], path, PATH_MAX);
	if (files->count < PROGRAM_FILES && realpath(path, real) && strcmp(real, path) != 0)
		strlcpy(files->paths[files->count++], real, PATH_MAX);
}

/* The loader of the library is that of the daemon itself, with which it was built. */
static const char *own_loader(void)
{
	static struct head self LARGE;

	if (!self.is_elf && !read_head("/proc/self/exe", &self))
		memset(&self, 0, sizeof(self)); /* asked for again */
	return self.loader;
}

static const char *look_at_program(const struct head *head)
{
	if (!head->is_elf)
		return "is no program of this machine's word size";
	if (head->has_rights)
		return "has rights of its own (set-user-ID, capabilities)";
	if (!*head->loader)
		return "is linked statically";
	if (*own_loader() && strcmp(head->loader, own_loader()) != 0)
		return "has another C library";
	return NULL;
}

/* The interpreter that a script names in its first line. */
static char *interpreter_of(struct head *script)
{
	char *name = script->bytes + 2;

	name += strspn(name, " \t");
	name[strcspn(name, " \t\r\n")] = 0;
	return name;
}

const char *program_file_look(
	const char *root, const char *path, bool own_only, struct program_files *files)
{
	char whole[PATH_MAX];
	struct head head;
	char *name, *slash;

	files->count = 0;
	files->left = false;
	if (snprintf(whole, sizeof(whole), "%s%s", root, path) >= (int)sizeof(whole))
		return NULL;
	files->left = own_only && !path_is_own(whole);
	if (files->left)
		return NULL;
	note(files, whole);
	if (!read_head(whole, &head))
		return NULL;
	if (!head.is_script)
		return look_at_program(&head);
	name = interpreter_of(&head);
	slash = strrchr(name, '/');
	if (slash && !strcmp(slash, "/env"))
		return "is a script whose first line names env: name its interpreter there";
	if (snprintf(whole, sizeof(whole), "%s%s", root, name) >= (int)sizeof(whole))
		return NULL;
	files->left = own_only && !path_is_own(whole);
	if (files->left)
		return NULL;
	note(files, whole);
	if (!read_head(whole, &head))
		return NULL;
	return head.is_script ? "is a script whose interpreter is a script too"
			      : look_at_program(&head);
}
