/*
 * Which keys of a keyboard are down and which locks are on, and with that from keys to events.
 */
#ifndef DRIVERS_KEY_STATE_H
#define DRIVERS_KEY_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "dev/input.h"
#include "drivers/keymap.h"

/* With the numbers that the keyboard's lights have in its command EDh. */
enum key_lock { KEY_LOCK_SCROLL = 1 << 0, KEY_LOCK_NUM = 1 << 1, KEY_LOCK_CAPS = 1 << 2 };

struct key_state {
	const struct keymap *keymap;
	uint8_t locks;     /* enum key_lock */
	uint8_t last;      /* the key that was pressed last, if it is down: no other repeats */
	uint16_t dead_key; /* an accent that waits for its letter; 0: none */
	uint64_t down[4];  /* a bit for each key */
};

/* One key makes no more: an accent that did not go on the letter, and the letter. */
#define KEY_STATE_EVENTS_MAX 2

/* [any] Nothing is down, and Num Lock is on. */
void key_state_start(struct key_state *state, const struct keymap *keymap);

/* [any] From now on this layout; an accent that waits is forgotten. */
void key_state_set_keymap(struct key_state *state, const struct keymap *keymap);

/* [any] */
bool key_state_is_down(const struct key_state *state, uint8_t key);

/*
 * [any] A key (enum input_key) was pressed, or pressed again by a keyboard that repeats it. Returns how many events
 * that makes. A key whose release got lost (another was pressed meanwhile, so it cannot repeat) counts as pressed anew.
 */
unsigned int key_state_press(struct key_state *state, uint8_t key, struct key_event events[KEY_STATE_EVENTS_MAX]);

/* [any] A key was let go: 1 event, or none if it was not down. */
unsigned int key_state_release(struct key_state *state, uint8_t key, struct key_event *event);

/* [any] Lets go one of the keys that are down, for when it is not known any more which are. False: none is. */
bool key_state_release_any(struct key_state *state, struct key_event *event);

#endif
