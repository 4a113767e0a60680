/* Threads that do the same with different numbers. */
#ifndef THREADS_H
#define THREADS_H

#include "check.h"

#include <pthread.h>

enum { THREADS = 8 };

struct threads {
  pthread_t handles[THREADS];
  struct thread_start {
    void (*body)(int number, void *shared);
    int number;
    void *shared;
  } starts[THREADS];
};

static void *threads_run(void *start) {
  const struct thread_start *self = start;
  self->body(self->number, self->shared);
  return NULL;
}

/* Starts THREADS threads that run `body` with the numbers from 0. */
static inline void threads_start(struct threads *threads, void (*body)(int, void *), void *shared) {
  for (int i = 0; i < THREADS; i++) {
    threads->starts[i] = (struct thread_start){body, i, shared};
    CHECK(pthread_create(&threads->handles[i], NULL, threads_run, &threads->starts[i]) == 0);
  }
}

/* Waits for their ends. */
static inline void threads_join(struct threads *threads) {
  for (int i = 0; i < THREADS; i++) {
    CHECK(pthread_join(threads->handles[i], NULL) == 0);
  }
}

/* A flag or a number that threads wait for. */
struct signal {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  int value;
};

#define SIGNAL_INITIALIZER {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0}

static inline void signal_set(struct signal *signal, int value) {
  CHECK(pthread_mutex_lock(&signal->mutex) == 0);
  signal->value = value;
  CHECK(pthread_cond_broadcast(&signal->changed) == 0);
  CHECK(pthread_mutex_unlock(&signal->mutex) == 0);
}

static inline void signal_add(struct signal *signal, int difference) {
  CHECK(pthread_mutex_lock(&signal->mutex) == 0);
  signal->value += difference;
  CHECK(pthread_cond_broadcast(&signal->changed) == 0);
  CHECK(pthread_mutex_unlock(&signal->mutex) == 0);
}

static inline int signal_get(struct signal *signal) {
  CHECK(pthread_mutex_lock(&signal->mutex) == 0);
  int value = signal->value;
  CHECK(pthread_mutex_unlock(&signal->mutex) == 0);
  return value;
}

/* Waits until the value is at least this. */
static inline void signal_wait(struct signal *signal, int value) {
  CHECK(pthread_mutex_lock(&signal->mutex) == 0);
  while (signal->value < value) {
    CHECK(pthread_cond_wait(&signal->changed, &signal->mutex) == 0);
  }
  CHECK(pthread_mutex_unlock(&signal->mutex) == 0);
}

#endif
