/* Functions that several plug-ins share: functions, compiled code and plug-ins are freed in a random order, by several
 * threads, while others call. The data of each function is freed once, and never while it is in use. */
#include "threads.h"

#include <string.h>

enum {
  ROUNDS = 40,
  FUNCTIONS = 4, /* of each name */
  COMPILED = 3,
  PLUGINS = 30,
  THINGS = 2 * FUNCTIONS + COMPILED + PLUGINS
};

static const char guest[] =
    "(module"
    "  (import \"extism:host/user\" \"left\" (func $left (result i64)))"
    "  (import \"extism:host/user\" \"right\" (func $right (result i64)))"
    "  (func (export \"run\") (result i32)"
    "    (i64.ne (i64.add (call $left) (call $right)) (i64.const 42))))";

/* What a function knows. The address sanitizer sees when it is used after its end. */
struct data {
  int64_t number;
  struct signal *freed;
};

/* Something that one thread will free. */
struct thing {
  ExtismFunction *function;
  ExtismCompiledPlugin *compiled;
  ExtismPlugin *plugin;
};

struct round {
  struct thing things[THINGS];
  struct signal next;
};

/* The same numbers in each run. */
static unsigned random_below(unsigned limit) {
  static uint64_t state = 42;
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (unsigned)(state >> 33) % limit;
}

static void give_number(ExtismCurrentPlugin *plugin, const ExtismVal *in, ExtismSize n_in, ExtismVal *out,
                        ExtismSize n_out, void *user_data) {
  (void)plugin, (void)in;
  CHECK(n_in == 0 && n_out == 1);
  out[0].v.i64 = ((const struct data *)user_data)->number;
}

static void free_data(void *user_data) {
  struct data *data = user_data;
  signal_add(data->freed, 1);
  free(data);
}

static ExtismFunction *make_function(const char *name, int64_t number, struct signal *freed) {
  struct data *data = malloc(sizeof *data);
  CHECK(data != NULL);
  *data = (struct data){number, freed};
  const ExtismValType result = ExtismValType_I64;
  ExtismFunction *function = extism_function_new(name, NULL, 0, &result, 1, give_number, data, free_data);
  CHECK(function != NULL);
  return function;
}

/* Fills in `things`: functions, then compiled code, then plug-ins. */
static void make_all(struct thing *things, struct signal *freed) {
  struct thing *end = things;
  for (int i = 0; i < FUNCTIONS; i++) {
    end++->function = make_function("left", 40, freed);
    end++->function = make_function("right", 2, freed);
  }
  const struct thing *compiled = end;
  for (int i = 0; i < COMPILED; i++) {
    const ExtismFunction *functions[] = {
        things[2 * random_below(FUNCTIONS)].function,
        things[2 * random_below(FUNCTIONS) + 1].function,
    };
    end++->compiled = compile(BYTES(guest), functions, 2);
  }
  for (int i = 0; i < PLUGINS; i++) {
    end++->plugin = plugin_of(compiled[random_below(COMPILED)].compiled);
  }
  CHECK(end == things + THINGS);
}

static void shuffle(struct thing *things) {
  for (unsigned i = THINGS; i > 1; i--) {
    unsigned other = random_below(i);
    struct thing thing = things[i - 1];
    things[i - 1] = things[other];
    things[other] = thing;
  }
}

/* Frees things until there are none. */
static void free_some(int number, void *shared) {
  (void)number;
  struct round *round = shared;
  for (;;) {
    CHECK(pthread_mutex_lock(&round->next.mutex) == 0);
    int next = round->next.value++;
    CHECK(pthread_mutex_unlock(&round->next.mutex) == 0);
    if (next >= THINGS) {
      return;
    }
    const struct thing *thing = &round->things[next];
    if (thing->function != NULL) {
      extism_function_free(thing->function);
    } else if (thing->compiled != NULL) {
      extism_compiled_plugin_free(thing->compiled);
    } else {
      CHECK(extism_plugin_call(thing->plugin, "run", NULL, 0) == 0);
      extism_plugin_free(thing->plugin);
    }
  }
}

int main(void) {
  for (int i = 0; i < ROUNDS; i++) {
    struct signal freed = SIGNAL_INITIALIZER;
    struct round round = {.next = SIGNAL_INITIALIZER};
    make_all(round.things, &freed);
    shuffle(round.things);
    CHECK(signal_get(&freed) == 0);

    struct threads threads;
    threads_start(&threads, free_some, &round);
    threads_join(&threads);
    CHECK(signal_get(&freed) == 2 * FUNCTIONS);
  }
  printf("%d functions of %d plug-ins, freed once each\n", ROUNDS * 2 * FUNCTIONS, ROUNDS * PLUGINS);
  return EXIT_SUCCESS;
}
