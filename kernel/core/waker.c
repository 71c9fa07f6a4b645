#include "core/waker.h"

#include "linker.h"

static SEALED waker_observer *observer;
bool waker_is_observed;

void waker_set_observer(waker_observer *who)
{
	observer = who;
}

void waker_observe(bool wanted)
{
	__atomic_store_n(&waker_is_observed, wanted, __ATOMIC_SEQ_CST);
}

__attribute__((cold)) void waker_show(struct waker *waker)
{
	observer(waker);
}
