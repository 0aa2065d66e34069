/* spare_files: the files that programs with spares are made of. A helper looks what kind of program
 * each is, which may have to wait for a file system, and watches them for the daemon (inotify(7)):
 * spares of a program that was replaced are replaced too, and all are when libraries were
 * (ld.so.cache). File systems that tell of no change are seen by a reload only. */
#ifndef RUN_SPARE_FILES_H
#define RUN_SPARE_FILES_H

#include "run/service/service_state.h"

/* `known` is called when the files of a service are known and watched, with why no library can be
 * preloaded into its program (base/program_file.h) or NULL; `changed` when one has changed: its
 * files will be known anew. */
void spare_files_init(void (*known)(struct service_state *state, const char *why),
	void (*changed)(struct service_state *state));
void spare_files_close(void);

/* Looks at the files of all services with spares. `known` is called later. */
void spare_files_look(void);

#endif
