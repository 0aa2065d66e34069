/* beat: see beat.h. */
#include "common/beat.h"

#include <string.h>

static bool has_room(const struct beat *beat)
{
	return sizeof(beat->out) - beat->out_len >= BEAT_ROOM;
}

void beat_restart(struct beat *beat, uint64_t now_ms)
{
	beat->due_ms = now_ms + (uint64_t)beat->interval_ms;
}

bool beat_wants_input(const struct beat *beat)
{
	return !beat->ending && !beat->heard_all && beat->in_len < sizeof(beat->in);
}

/* Best effort: the buffer is only full for a peer that does not read, who gets no probe either. */
static void queue(struct beat *beat, enum frame_type type, const void *data, size_t len)
{
	beat->out_len += frame_put(
		beat->out + beat->out_len, sizeof(beat->out) - beat->out_len, type, data, len);
}

/* Nothing more is read; the rest of what was queued has a last interval to go out. */
static void end(struct beat *beat, const char *error, uint64_t now_ms)
{
	if (error)
		queue(beat, FRAME_ERROR, error, strlen(error));
	beat->ending = true;
	beat_restart(beat, now_ms);
}

static void handle_frame(struct beat *beat, const struct frame *frame, uint64_t now_ms)
{
	beat->probes = 0;
	beat_restart(beat, now_ms);
	if (frame->type == FRAME_DATA)
		queue(beat, FRAME_DATA, frame->data, frame->len);
	else if (frame->type == FRAME_PING)
		queue(beat, FRAME_PONG, frame->data, frame->len);
	else if (frame->type == FRAME_ERROR)
		end(beat, NULL, now_ms);
}

static void handle_input(struct beat *beat, uint64_t now_ms)
{
	struct frame frame;
	enum frame_result result;

	while (!beat->ending && has_room(beat)) {
		result = frame_scan(beat->in, beat->in_len, &frame);
		if (result == FRAME_WHOLE) {
			handle_frame(beat, &frame, now_ms);
			beat->in_len -= FRAME_HEAD + frame.len;
			memmove(beat->in, frame.data + frame.len, beat->in_len);
		} else if (result == FRAME_UNKNOWN) {
			end(beat, "unknown type", now_ms);
		} else if (result == FRAME_LONG) {
			end(beat, "length above 4096", now_ms);
		} else if (beat->heard_all) {
			end(beat, beat->in_len > 0 ? "end inside a frame" : NULL, now_ms);
		} else {
			return;
		}
	}
}

void beat_received(struct beat *beat, size_t len, uint64_t now_ms)
{
	beat->in_len += len;
	beat->heard_all = len == 0;
	handle_input(beat, now_ms);
}

void beat_sent(struct beat *beat, size_t len, uint64_t now_ms)
{
	beat->out_len -= len;
	memmove(beat->out, beat->out + len, beat->out_len);
	handle_input(beat, now_ms);
}

bool beat_probe(struct beat *beat, uint64_t now_ms)
{
	if (beat->ending || beat->probes == BEAT_PROBES)
		return false;
	beat->probes++;
	beat_restart(beat, now_ms);
	queue(beat, FRAME_PING, NULL, 0);
	return true;
}
