/* prepared_cage: the cage of one service, made once by a helper process and entered by each of its
 * programs. Making it opens paths and may wait for file systems, so the daemon has it done and
 * takes descriptors of what was made (unix(7), SCM_RIGHTS). A helper that takes too long is lost,
 * and the cage is tried again with growing delays. */
#ifndef RUN_PREPARED_CAGE_H
#define RUN_PREPARED_CAGE_H

#include "config/cage.h"
#include "run/process/spawn.h"

struct prepared_cage;

/* Starts to prepare what `wanted` asks for, for the service of that
 * name; both are borrowed until the owner leaves. `changed`
 * is called with `owner`, later and perhaps often: when the cage is ready (step NULL), or when an
 * attempt has failed, with what failed (borrowed for the call) and errno, before the next one.
 * Returns the cage with one reference; NULL with errno ENOMEM. */
struct prepared_cage *prepared_cage_new(const struct cage *wanted, const char *name,
	void (*changed)(void *owner, const char *step, int err), void *owner);

/* To be called before the loop goes on: the control group of that name was killed, so that the cage
 * takes a new one. */
void prepared_cage_renew_group(struct prepared_cage *cage);

/* The same wishes, from a newer configuration: these are borrowed from now on. */
void prepared_cage_move(struct prepared_cage *cage, const struct cage *wanted, const char *name);

/* More and fewer users. The owner's last act is to leave: `changed` is not called any more. */
struct prepared_cage *prepared_cage_ref(struct prepared_cage *cage);
void prepared_cage_unref(struct prepared_cage *cage);
void prepared_cage_leave(struct prepared_cage *cage);

/* The calls that enter it, for spawn_plan.calls, as long as somebody refers to the cage; NULL while
 * it is not ready. */
const struct spawn_call *prepared_cage_calls(const struct prepared_cage *cage);

/* True if it is as it was made: programs have left nothing in a /tmp of its own, and nobody has
 * removed its control group. */
bool prepared_cage_is_clean(const struct prepared_cage *cage);

/* The directory of its control group, the cage's; -1: it has none. */
int prepared_cage_group(const struct prepared_cage *cage);

#endif
