/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fibers: ucontext makes a stack, setjmp and longjmp switch between them. The
 * switch of ucontext itself asks the kernel for the signal mask each time,
 * which costs more than all the rest of it.
 *
 * A stack is STACK_SIZE bytes with an inaccessible page below, so that an
 * overflow is a fault at once and never another task's data. Stacks of ended
 * tasks are kept in the pool, as fibers that wait for their next task: a run of
 * a million short tasks maps no more than were alive at once.
 * AddressSanitizer keeps a shadow of each stack and is told of every switch.
 */
/* A checked longjmp() takes a jump to another stack for an attack. */
#undef _FORTIFY_SOURCE
#define _FORTIFY_SOURCE 0

#include "engine/task.h"

#include <setjmp.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TASK_ASAN 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define TASK_ASAN 1
#endif

#ifdef TASK_ASAN
#include <sanitizer/common_interface_defs.h>
/* Instrumented frames are several times as large. */
#define STACK_SIZE ((size_t)256 * 1024)
#define SWITCH_START(save, bottom, size) \
	__sanitizer_start_switch_fiber(save, bottom, size)
#define SWITCH_FINISH(save, bottom, size) \
	__sanitizer_finish_switch_fiber(save, bottom, size)
#else
#define STACK_SIZE ((size_t)32 * 1024)
#define SWITCH_START(save, bottom, size) ((void)0)
#define SWITCH_FINISH(save, bottom, size) ((void)0)
#endif

struct task {
	struct task_pool *pool;
	struct task *next_free;
	task_fn *fn;
	void *arg;
	bool ended;
	jmp_buf here;	  /* where the task goes on */
	jmp_buf resumer;  /* where task_resume() goes on */
	uint8_t *mapping; /* the guard page, then the stack */
#ifdef TASK_ASAN
	void *fake_stack;
	const void *resumer_bottom;
	size_t resumer_size;
#endif
};

struct task_pool {
	struct task *free;
	size_t alive;
	size_t page;
};

struct task_pool *task_pool_new(void)
{
	struct task_pool *pool = calloc(1, sizeof(*pool));

	if (pool)
		pool->page = (size_t)sysconf(_SC_PAGESIZE);
	return pool;
}

void task_pool_free(struct task_pool *pool)
{
	struct task *t;

	if (!pool)
		return;
	BUG_ON(pool->alive);
	while ((t = pool->free)) {
		pool->free = t->next_free;
		munmap(t->mapping, pool->page + STACK_SIZE);
		free(t);
	}
	free(pool);
}

/* Switch from the task back to whoever resumed it. */
static void leave(struct task *t)
{
	SWITCH_START(&t->fake_stack, t->resumer_bottom, t->resumer_size);
	if (!_setjmp(t->here))
		_longjmp(t->resumer, 1);
	SWITCH_FINISH(t->fake_stack, &t->resumer_bottom, &t->resumer_size);
}

/*
 * The life of a fiber: one task after the other. Its first visit only makes
 * the place to come back to. makecontext() passes ints: the pointer comes in
 * two halves.
 */
static void fiber(unsigned high, unsigned low)
{
	uintptr_t bits = (uintptr_t)((uint64_t)high << 32 | low);
	struct task *t = (struct task *)bits;

	SWITCH_FINISH(NULL, &t->resumer_bottom, &t->resumer_size);
	for (;;) {
		leave(t);
		t->fn(t->arg);
		t->ended = true;
	}
}

/* Switch to the task until it leaves. */
static void enter(struct task *t)
{
#ifdef TASK_ASAN
	void *fake_stack;
#endif
	SWITCH_START(&fake_stack, t->mapping + t->pool->page, STACK_SIZE);
	if (!_setjmp(t->resumer))
		_longjmp(t->here, 1);
	SWITCH_FINISH(fake_stack, NULL, NULL);
}

/* The same for the first time, when there is no place to go on yet. */
static void enter_first(struct task *t)
{
	uint64_t bits = (uint64_t)(uintptr_t)t;
	ucontext_t context;
#ifdef TASK_ASAN
	void *fake_stack;
#endif

	getcontext(&context);
	context.uc_stack.ss_sp = t->mapping + t->pool->page;
	context.uc_stack.ss_size = STACK_SIZE;
	context.uc_link = NULL;
	makecontext(&context, (void (*)(void))fiber, 2, (unsigned)(bits >> 32),
		    (unsigned)bits);
	SWITCH_START(&fake_stack, t->mapping + t->pool->page, STACK_SIZE);
	if (!_setjmp(t->resumer))
		setcontext(&context);
	SWITCH_FINISH(fake_stack, NULL, NULL);
}

static struct task *task_map(struct task_pool *pool)
{
	struct task *t = calloc(1, sizeof(*t));
	void *mapping;

	if (!t)
		return NULL;
	mapping = mmap(NULL, pool->page + STACK_SIZE, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (mapping == MAP_FAILED)
		goto free_task;
	t->pool = pool;
	t->mapping = mapping;
	if (mprotect(t->mapping + pool->page, STACK_SIZE,
		     PROT_READ | PROT_WRITE))
		goto unmap;
	enter_first(t);
	return t;
unmap:
	munmap(mapping, pool->page + STACK_SIZE);
free_task:
	free(t);
	return NULL;
}

struct task *task_new(struct task_pool *pool, task_fn *fn, void *arg)
{
	struct task *t = pool->free;

	if (t)
		pool->free = t->next_free;
	else
		t = task_map(pool);
	if (!t)
		return NULL;
	pool->alive++;
	t->fn = fn;
	t->arg = arg;
	t->ended = false;
	return t;
}

bool task_resume(struct task *t)
{
	enter(t);
	if (!t->ended)
		return false;
	t->next_free = t->pool->free;
	t->pool->free = t;
	t->pool->alive--;
	return true;
}

void task_pause(struct task *t)
{
	leave(t);
}
