/*
 * The STARTTLS switch: a dynamic module for Envoy's chain of network filters. It knows no SMTP. The filter that comes after
 * it says by filter state when a side becomes TLS, and the switch tells Envoy's transport socket, which is
 * envoy.transport_sockets.starttls. README.md beside this file has the whole picture; `npm run build:starttls` builds it.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define ABI "v0.2.0"
#define BUILT "smtp_starttls: built for ABI " ABI " of dynamic modules (Envoy 1.40); "
#define NO_SOCKET "has no transport socket envoy.transport_sockets.starttls: a session is closed where TLS should begin"

typedef struct {
  const char *ptr;
  size_t length;
} buffer;
#define TEXT(literal) ((buffer){literal, sizeof(literal) - 1})

/* What Envoy offers. It is weak, so that an older Envoy without some of it loads the library, which then says so. */
#define CALL(name) envoy_dynamic_module_callback_##name
#define ENVOY(type, name) __attribute__((weak)) extern type CALL(name)
ENVOY(void, log)(int level, buffer message);
ENVOY(bool, network_get_filter_state_typed)(void *envoy, buffer key, buffer *value);
ENVOY(bool, network_set_filter_state_bytes)(void *envoy, buffer key, buffer value);
ENVOY(bool, network_filter_start_downstream_secure_transport)(void *envoy);
ENVOY(bool, network_filter_start_upstream_secure_transport)(void *envoy);
ENVOY(uint32_t, network_filter_get_buffer_limit)(void *envoy);
ENVOY(void, network_filter_set_buffer_limits)(void *envoy, uint32_t bytes);
ENVOY(int, network_filter_read_disable)(void *envoy, bool disable);
ENVOY(void *, network_filter_scheduler_new)(void *envoy);
ENVOY(void, network_filter_scheduler_commit)(void *scheduler, uint64_t id);
ENVOY(void, network_filter_scheduler_delete)(void *scheduler);
ENVOY(void, network_filter_close)(void *envoy, int type);
enum { LOG_INFO = 2, LOG_ERROR = 4, CLOSE_NO_FLUSH = 1, EVENT_LOCAL_CLOSE = 1, CONTINUE = 0 };

/* The client's side: in clear; what was written is leaving, and nothing is read; all has left; TLS, or closed. */
enum client { CLEAR, LEAVING, LEFT, DONE };
typedef struct {
  enum client client;
  bool server_done;
  uint32_t limit; /* of Envoy's buffers, while a limit of 1 stands in its place */
} connection;

/* Which sides this Envoy can switch. Written once, before any connection. */
static bool downstream, upstream;

static void say(int level, buffer message) {
  if (CALL(log)) CALL(log)(level, message);
}

/* To go on in clear would pass for TLS, so the connection ends. The configuration is wrong: one line tells it. */
static void give_up(void *envoy, atomic_flag *told, buffer message) {
  if (!atomic_flag_test_and_set(told)) say(LOG_ERROR, message);
  CALL(network_filter_close)(envoy, CLOSE_NO_FLUSH);
}

static bool is_set(void *envoy, buffer key) {
  buffer value;
  return CALL(network_get_filter_state_typed)(envoy, key, &value);
}

#define HOOK(type, name) type envoy_dynamic_module_on_##name
HOOK(const char *, program_init)(void) {
  bool both = CALL(network_get_filter_state_typed) && CALL(network_set_filter_state_bytes) && CALL(network_filter_close);
  bool waits = CALL(network_filter_scheduler_new) && CALL(network_filter_scheduler_commit) &&
               CALL(network_filter_scheduler_delete) && CALL(network_filter_read_disable) &&
               CALL(network_filter_get_buffer_limit) && CALL(network_filter_set_buffer_limits);
  upstream = both && CALL(network_filter_start_upstream_secure_transport);
  downstream = both && waits && CALL(network_filter_start_downstream_secure_transport);
  if (downstream && upstream) say(LOG_INFO, TEXT(BUILT "switches downstream and upstream"));
  else if (upstream) say(LOG_ERROR, TEXT(BUILT "this Envoy lets it switch upstream only"));
  else if (downstream) say(LOG_ERROR, TEXT(BUILT "this Envoy lets it switch downstream only"));
  else say(LOG_ERROR, TEXT(BUILT "this Envoy lets it switch nothing"));
  return ABI;
}

HOOK(const void *, network_filter_config_new)(void *, buffer, buffer) {
  return ABI; /* there is nothing to configure, and null would be a failure */
}

HOOK(const void *, network_filter_new)(const void *, void *) {
  return calloc(1, sizeof(connection)); /* for null Envoy closes the connection */
}

HOOK(int, network_filter_new_connection)(void *envoy, void *) {
  buffer sides = downstream && upstream ? TEXT("downstream,upstream") : upstream ? TEXT("upstream") : TEXT("downstream");
  if (downstream || upstream) CALL(network_set_filter_state_bytes)(envoy, TEXT("smtp_inspector.starttls_switch"), sides);
  return CONTINUE;
}

/* What the filter has written comes here in the same pass, so that its wish is seen with its bytes. */
HOOK(int, network_filter_write)(void *envoy, void *self, size_t, bool) {
  static atomic_flag told = ATOMIC_FLAG_INIT;
  connection *c = self;
  if (downstream && c->client == CLEAR && is_set(envoy, TEXT("wasm.smtp_inspector.starttls_downstream"))) {
    c->client = LEAVING;
    c->limit = CALL(network_filter_get_buffer_limit)(envoy);
    CALL(network_filter_read_disable)(envoy, true);
    CALL(network_filter_set_buffer_limits)(envoy, 1); /* any reply is more, so that Envoy tells when it has left */
  }
  if (upstream && !c->server_done && is_set(envoy, TEXT("wasm.smtp_inspector.starttls_upstream"))) {
    c->server_done = true;
    if (!CALL(network_filter_start_upstream_secure_transport)(envoy))
      give_up(envoy, &told, TEXT("smtp_starttls: the cluster " NO_SOCKET));
  }
  return CONTINUE;
}

/* Envoy is still within its clear-text socket, which must not be replaced under its feet: TLS begins a moment later. */
HOOK(void, network_filter_below_write_buffer_low_watermark)(void *envoy, void *self) {
  connection *c = self;
  if (c->client != LEAVING) return;
  c->client = LEFT;
  void *scheduler = CALL(network_filter_scheduler_new)(envoy);
  CALL(network_filter_scheduler_commit)(scheduler, 0);
  CALL(network_filter_scheduler_delete)(scheduler);
}

HOOK(void, network_filter_scheduled)(void *envoy, void *self, uint64_t) {
  static atomic_flag told = ATOMIC_FLAG_INIT;
  connection *c = self;
  if (c->client != LEFT) return;
  c->client = DONE;
  CALL(network_filter_set_buffer_limits)(envoy, c->limit);
  if (!CALL(network_filter_start_downstream_secure_transport)(envoy))
    return give_up(envoy, &told, TEXT("smtp_starttls: the listener " NO_SOCKET));
  CALL(network_filter_read_disable)(envoy, false);
}

HOOK(void, network_filter_event)(void *, void *self, int event) {
  if (event <= EVENT_LOCAL_CLOSE) *(connection *)self = (connection){DONE, true, 0};
}

HOOK(void, network_filter_destroy)(void *self) { free(self); }

/* Envoy refuses a library that lacks any of these. */
HOOK(int, network_filter_read)(void *, void *, size_t, bool) { return CONTINUE; }
HOOK(void, network_filter_above_write_buffer_high_watermark)(void *, void *) {}
HOOK(void, network_filter_config_destroy)(const void *) {}
HOOK(void, network_filter_config_scheduled)(void *, uint64_t) {}
HOOK(void, network_filter_http_callout_done)(void *, void *, uint64_t, int, void *, size_t, void *, size_t) {}
