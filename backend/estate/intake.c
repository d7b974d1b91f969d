/* Lists come in pages: which one is next, and how many there are. A page of Resource Graph has a
 * thousand rows, which take longer to read than a key that is pressed may wait: it is taken a piece
 * a turn of the loop. */
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/estate/list.h"
#include "backend/net/loop.h"
#include "backend/net/origin.h"

enum { PAGES_MAX = 20000 };
enum { PIECE = 128 * 1024 }; /* bytes of text, which take some 2 ms */

struct intake {
	struct buf body;
	char request_id[64];
	struct json_reader reader;
	size_t rows;
	struct job *piece; /* takes the next one */
};

void
intake_free(struct intake *intake)
{
	if (intake == NULL)
		return;
	job_cancel(intake->piece);
	json_reader_close(&intake->reader);
	buf_free(&intake->body);
	free(intake);
}

static void
end_intake(struct task *task, struct err *err)
{
	struct intake *intake = task->intake;

	if (err->kind == ERR_NONE && !task->kind->rest(task, intake->reader.rest, err))
		memcpy(err->request_id, intake->request_id, sizeof err->request_id);
	task->intake = NULL;
	intake_free(intake);
	task_told(task, err);
}

static void take_piece(void *user);

static void
take_later(struct task *task)
{
	struct loop *loop = session_loop(task->lister->estate->session);

	task->intake->piece = job_after(loop, 0, take_piece, task);
}

static void
take_piece(void *user)
{
	struct task *task = user;
	struct intake *intake = task->intake;
	size_t end = intake->reader.at + PIECE;
	struct err err = {0};
	json_t *row;
	bool more;

	intake->piece = NULL;
	do {
		if (!json_reader_next(&intake->reader, &row, &err))
			memcpy(err.request_id, intake->request_id, sizeof err.request_id);
		more = row != NULL;
		if (more)
			task->kind->row(task, intake->rows++, row);
		json_decref(row);
	} while (more && intake->reader.at < end);
	if (!more) {
		end_intake(task, &err);
		return;
	}
	task_took(task);
	take_later(task);
}

void
intake_start(struct task *task, struct reply *reply)
{
	struct intake *intake = mem_alloc(sizeof *intake);

	intake->body = reply->body;
	reply->body = (struct buf){0};
	memcpy(intake->request_id, reply->request_id, sizeof intake->request_id);
	json_reader_open(&intake->reader, buf_text(&intake->body), intake->body.len, "the reply",
		task->kind->list);
	task->intake = intake;
	if (intake->body.len > PIECE)
		take_later(task);
	else
		take_piece(task);
}

bool
task_mark(struct task *task, const char *page, struct err *err)
{
	uint64_t mark = 0xcbf29ce484222325;

	for (; *page; page++)
		mark = (mark ^ (unsigned char)*page) * 0x100000001b3;
	if (task->seen_len == PAGES_MAX)
		return err_set(err, ERR_FAILED, "BadReply", "the list has too many pages");
	for (size_t i = 0; i < task->seen_len; i++)
		if (task->seen[i] == mark)
			return err_set(err, ERR_FAILED, "BadReply",
				"the pages go round in a circle: the next one was read before");
	task->seen = rows_grow(task->seen, task->seen_len, &task->seen_room, sizeof *task->seen);
	task->seen[task->seen_len++] = mark;
	return true;
}

bool
task_follow(struct task *task, const char *next, struct err *err)
{
	char *url;

	if (next[0] == '\0')
		return true;
	if (!origin_follow(task->sent, next, &url, err))
		return false;
	if ((task->seen_len || task_mark(task, task->sent, err)) && task_mark(task, url, err)) {
		task->url = url;
		return true;
	}
	free(url);
	return false;
}

void
task_foresee(struct task *task, size_t pages)
{
	pages = pages > PAGES_MAX ? PAGES_MAX : pages;
	task->lister->total += pages - task->ahead;
	task->ahead = pages;
}
