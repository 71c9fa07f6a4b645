//! What the kernel's async is compared with, in Rust: the executor of "Writing an OS in Rust", chapter 12, on the host.
//! Tasks in a BTreeMap by number, an ArrayQueue of the numbers of those that are ready, a waker in an Arc for each, kept
//! in a second BTreeMap; what an interrupt handler wakes is an AtomicWaker. HLT is left out. Prints nanoseconds.

use crossbeam_queue::ArrayQueue;
use futures_util::stream::{Stream, StreamExt};
use futures_util::task::AtomicWaker;
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Instant;

const READY_CAPACITY: usize = 2048; // the original's 100 would overflow with 1000 tasks
const REPEATS: u32 = 200;
const ROUNDS: u64 = 20_000;

// ---- bytes ----

/// Counts what is asked of the allocator, while it is told to.
struct Counting;

static IS_COUNTING: AtomicBool = AtomicBool::new(false);
static BYTES: AtomicUsize = AtomicUsize::new(0);

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if IS_COUNTING.load(Ordering::Relaxed) {
            BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        }
        System.alloc(layout)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if IS_COUNTING.load(Ordering::Relaxed) {
            BYTES.fetch_sub(layout.size(), Ordering::Relaxed);
        }
        System.dealloc(block, layout)
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// ---- the executor ----

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct TaskId(u64);

struct Task {
    id: TaskId,
    future: Pin<Box<dyn Future<Output = ()>>>,
}

impl Task {
    fn new(future: impl Future<Output = ()> + 'static) -> Task {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Task { id: TaskId(NEXT.fetch_add(1, Ordering::Relaxed)), future: Box::pin(future) }
    }
}

struct TaskWaker {
    id: TaskId,
    ready: Arc<ArrayQueue<TaskId>>,
}

impl Wake for TaskWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.ready.push(self.id).is_err() {
            panic!("the queue of ready tasks is full");
        }
    }
}

struct Executor {
    tasks: BTreeMap<TaskId, Task>,
    ready: Arc<ArrayQueue<TaskId>>,
    wakers: BTreeMap<TaskId, Waker>,
}

impl Executor {
    fn new() -> Executor {
        Executor { tasks: BTreeMap::new(), ready: Arc::new(ArrayQueue::new(READY_CAPACITY)), wakers: BTreeMap::new() }
    }

    fn spawn(&mut self, task: Task) {
        let id = task.id;
        if self.tasks.insert(id, task).is_some() {
            panic!("a number twice");
        }
        self.ready.push(id).expect("the queue of ready tasks is full");
    }

    fn run_ready(&mut self) {
        let Executor { tasks, ready, wakers } = self;
        while let Some(id) = ready.pop() {
            let Some(task) = tasks.get_mut(&id) else { continue };
            let waker = wakers
                .entry(id)
                .or_insert_with(|| Waker::from(Arc::new(TaskWaker { id, ready: ready.clone() })));
            if task.future.as_mut().poll(&mut Context::from_waker(waker)).is_ready() {
                tasks.remove(&id);
                wakers.remove(&id);
            }
        }
    }
}

// ---- what the tasks do ----

#[derive(Default)]
struct Shared {
    waker: AtomicWaker,
    polls: Cell<u64>,
}

/// Registers, and is never done.
struct Waiter(Rc<Shared>);

impl Future for Waiter {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context) -> Poll<()> {
        self.0.waker.register(context.waker());
        self.0.polls.set(self.0.polls.get() + 1);
        Poll::Pending
    }
}

/// The keyboard's stream: a queue that a handler pushes into.
struct Keys {
    queue: ArrayQueue<u8>,
    waker: AtomicWaker,
    taken: Cell<u64>,
}

impl Keys {
    fn new() -> Rc<Keys> {
        Rc::new(Keys { queue: ArrayQueue::new(100), waker: AtomicWaker::new(), taken: Cell::new(0) })
    }

    fn add(&self, scancode: u8) {
        if self.queue.push(scancode).is_ok() {
            self.waker.wake();
        }
    }
}

struct KeyStream(Rc<Keys>);

impl Stream for KeyStream {
    type Item = u8;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<u8>> {
        if let Some(scancode) = self.0.queue.pop() {
            return Poll::Ready(Some(scancode));
        }
        self.0.waker.register(context.waker());
        match self.0.queue.pop() {
            Some(scancode) => {
                self.0.waker.take();
                Poll::Ready(Some(scancode))
            }
            None => Poll::Pending,
        }
    }
}

async fn read_keys(keys: Rc<Keys>) {
    let mut stream = KeyStream(keys.clone());
    while stream.next().await.is_some() {
        keys.taken.set(keys.taken.get() + 1);
    }
}

// ---- figures ----

/// The best of many short runs, in nanoseconds for each round: the one that other work on the machine disturbed least.
fn measure(name: &str, mut body: impl FnMut(u64)) {
    let mut best = f64::INFINITY;
    for _ in 0..REPEATS {
        let start = Instant::now();
        for round in 0..ROUNDS {
            body(round);
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / ROUNDS as f64);
    }
    println!("{name}: {best:.1}");
}

/// All tasks, in an order that no cache foresees; without a division, which would take as long as a wake.
struct Order {
    at: usize,
    tasks: usize,
}

impl Order {
    fn next(&mut self) -> usize {
        self.at += 7;
        while self.at >= self.tasks {
            self.at -= self.tasks;
        }
        self.at
    }
}

fn measure_spawn() {
    let mut executor = Executor::new();
    measure("spawn", |round| {
        executor.spawn(Task::new(async move {
            std::hint::black_box(round);
        }));
        executor.run_ready();
    });
}

fn measure_wake(name: &str, tasks: usize) {
    let mut executor = Executor::new();
    let shared: Vec<Rc<Shared>> = (0..tasks).map(|_| Rc::default()).collect();
    IS_COUNTING.store(tasks > 1, Ordering::Relaxed);
    for one in &shared {
        executor.spawn(Task::new(Waiter(one.clone())));
    }
    executor.run_ready();
    IS_COUNTING.store(false, Ordering::Relaxed);
    if tasks > 1 {
        println!("bytes: {}", BYTES.load(Ordering::Relaxed) / tasks);
    }
    let mut order = Order { at: 0, tasks };
    measure(name, |_| {
        shared[order.next()].waker.wake();
        executor.run_ready();
    });
    assert_eq!(shared.iter().map(|one| one.polls.get()).sum::<u64>(), ROUNDS * REPEATS as u64 + tasks as u64);
}

fn measure_keystroke(name: &str, tasks: usize) {
    let mut executor = Executor::new();
    let keys: Vec<Rc<Keys>> = (0..tasks).map(|_| Keys::new()).collect();
    for one in &keys {
        executor.spawn(Task::new(read_keys(one.clone())));
    }
    executor.run_ready();
    let mut order = Order { at: 0, tasks };
    measure(name, |round| {
        keys[order.next()].add(round as u8);
        executor.run_ready();
    });
    assert_eq!(keys.iter().map(|one| one.taken.get()).sum::<u64>(), ROUNDS * REPEATS as u64);
}

struct Done(u64);

impl Future for Done {
    type Output = u64;

    fn poll(self: Pin<&mut Self>, _: &mut Context) -> Poll<u64> {
        Poll::Ready(self.0)
    }
}

fn measure_await() {
    let mut executor = Executor::new();
    executor.spawn(Task::new(async {
        let mut best = f64::INFINITY;
        for _ in 0..REPEATS {
            let start = Instant::now();
            for round in 0..ROUNDS {
                std::hint::black_box(Done(std::hint::black_box(round)).await);
            }
            best = best.min(start.elapsed().as_secs_f64() * 1e9 / ROUNDS as f64);
        }
        println!("await: {best:.1}");
    }));
    executor.run_ready();
}

fn main() {
    measure_spawn();
    measure_wake("wake_1", 1);
    measure_wake("wake_1000", 1000);
    measure_keystroke("keystroke_1", 1);
    measure_keystroke("keystroke_1000", 1000);
    measure_await();
}
