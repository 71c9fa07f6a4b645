/*
 * The design that the kernel's async is compared with, written in C to be measured in the same program: that of the
 * executor in "Writing an OS in Rust", chapter 12. Tasks are found by number in an ordered map; a wake pushes the
 * number into a bounded queue; a waker is allocated and counted, and kept in a second ordered map; what an interrupt
 * wakes is a cell of three states.
 *
 * It is meant to be a good one of its kind: the maps are balanced and keep their nodes for reuse, so that a map costs
 * no allocation once it has grown. tests/bench/reference is the same in Rust, with that chapter's own libraries.
 */
#ifndef TESTS_REFERENCE_H
#define TESTS_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From whoever measures. */
void *reference_allocate(size_t size);
void reference_free(void *block);

/* ---- a bounded queue, many to many ---- */

struct reference_slot {
	uint64_t stamp, value;
};

struct reference_queue {
	struct reference_slot *slots;
	uint64_t capacity; /* a power of two */
	uint64_t head __attribute__((aligned(128)));
	uint64_t tail __attribute__((aligned(128)));
};

void reference_queue_start(struct reference_queue *queue, uint64_t capacity);
void reference_queue_end(struct reference_queue *queue);
bool reference_queue_push(struct reference_queue *queue, uint64_t value);
bool reference_queue_pop(struct reference_queue *queue, uint64_t *value);

/* ---- a counted waker, and the cell it waits in ---- */

struct reference_waker {
	uint64_t references;
	uint64_t task;
	struct reference_queue *queue; /* the executor's */
};

enum { REFERENCE_WAITING, REFERENCE_REGISTERING = 1, REFERENCE_WAKING = 2 };

struct reference_cell {
	uint32_t state;
	struct reference_waker *waker;
};

void reference_wake(struct reference_waker *waker);
void reference_cell_register(struct reference_cell *cell, struct reference_waker *waker);
void reference_cell_wake(struct reference_cell *cell);

/* ---- an ordered map ---- */

struct reference_node {
	struct reference_node *left, *right;
	uint64_t key;
	void *value;
	unsigned int level;
};

struct reference_map {
	struct reference_node *root, *spare;
};

void **reference_map_find(struct reference_map *map, uint64_t key); /* NULL: not in it */
void reference_map_insert(struct reference_map *map, uint64_t key, void *value);
void *reference_map_remove(struct reference_map *map, uint64_t key);
void reference_map_end(struct reference_map *map);

/* ---- the executor ---- */

/* A boxed future: what poll() needs follows it. Ready: true. */
struct reference_task {
	bool (*poll)(struct reference_task *task, struct reference_waker *waker);
};

struct reference_executor {
	struct reference_map tasks, wakers;
	struct reference_queue ready;
	uint64_t last_task;
};

void reference_executor_start(struct reference_executor *executor, uint64_t queue_capacity);
void reference_executor_end(struct reference_executor *executor);

/* The executor frees the task, which was allocated, when it is ready. */
void reference_spawn(struct reference_executor *executor, struct reference_task *task);
void reference_run_ready(struct reference_executor *executor);

#endif
