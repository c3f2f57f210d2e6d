/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tasks: straight lines of code that can pause. Each runs on a small stack of
 * its own with a guard page below it; finished tasks leave their stack to the
 * next one. One thread; a task runs until it pauses or returns.
 */
#ifndef TP_ENGINE_TASK_H
#define TP_ENGINE_TASK_H

#include "base/base.h"
#include "base/err.h"

struct task;
struct task_pool;

typedef void task_fn(void *arg);

struct task_pool *task_pool_new(void);
/* No task of the pool may be alive. */
void task_pool_free(struct task_pool *pool);

/* A task that task_resume() will start; NULL when memory is short. */
struct task *task_new(struct task_pool *pool, task_fn *fn, void *arg);
/* Run it until it pauses or ends: true when it has ended and is gone. */
bool task_resume(struct task *t);
/* From inside a task: back to whoever resumed it. */
void task_pause(struct task *t);

#endif
