/**
 * The switch under AddressSanitizer and UndefinedBehaviorSanitizer. Envoy has an allocator of its own and cannot be run under
 * them, so a program takes its place, written here because it is C: it calls the hooks in every order that Envoy may, and
 * more, as a seed has it, keeps the rules of Envoy's calls, and ends at the first that is broken.
 */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { switchPaths } from "../../cli/build-starttls.js";
import { temporaryFolder } from "./switch-lab.js";

const run = promisify(execFile);

/** What Envoy offers, and what it does in turn with a thousand connections, 16 of them open at a time. */
const PROGRAM = String.raw`
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { const char *ptr; size_t length; } buffer;
#define ON(name) envoy_dynamic_module_on_##name
#define CALLBACK(name) envoy_dynamic_module_callback_##name
#define RULE(kept) do { if (!(kept)) { fprintf(stderr, "broken: %s\n", #kept); abort(); } } while (0)

const char *ON(program_init)(void);
const void *ON(network_filter_config_new)(void *, buffer, buffer);
void ON(network_filter_config_destroy)(const void *);
void ON(network_filter_config_scheduled)(void *, uint64_t);
const void *ON(network_filter_new)(const void *, void *);
int ON(network_filter_new_connection)(void *, void *);
int ON(network_filter_read)(void *, void *, size_t, bool);
int ON(network_filter_write)(void *, void *, size_t, bool);
void ON(network_filter_event)(void *, void *, int);
void ON(network_filter_scheduled)(void *, void *, uint64_t);
void ON(network_filter_destroy)(void *);
void ON(network_filter_http_callout_done)(void *, void *, uint64_t, int, void *, size_t, void *, size_t);
void ON(network_filter_above_write_buffer_high_watermark)(void *, void *);
void ON(network_filter_below_write_buffer_low_watermark)(void *, void *);

struct envoy {
  void *self;
  bool announced, asksDown, asksUp, socketDown, socketUp, down, up, closed, inSocket, unread;
  int scheduled;
  uint32_t limit;
};
static int errors, handshakes, schedulers;

static bool same(buffer text, const char *with) {
  return text.length == strlen(with) && memcmp(text.ptr, with, text.length) == 0;
}
void CALLBACK(log)(int level, buffer message) {
  if (level > 2) errors++;
  RULE(message.length > 20);
}
bool CALLBACK(network_get_filter_state_typed)(void *at, buffer key, buffer *value) {
  struct envoy *envoy = at;
  bool down = same(key, "wasm.smtp_inspector.starttls_downstream");
  RULE(down || same(key, "wasm.smtp_inspector.starttls_upstream"));
  if (!(down ? envoy->asksDown : envoy->asksUp)) return false;
  *value = (buffer){"1", 1};
  return true;
}
bool CALLBACK(network_set_filter_state_bytes)(void *at, buffer key, buffer value) {
  RULE(same(key, "smtp_inspector.starttls_switch") && same(value, "downstream,upstream"));
  return ((struct envoy *)at)->announced = true;
}
bool CALLBACK(network_filter_start_downstream_secure_transport)(void *at) {
  struct envoy *envoy = at;
  RULE(envoy->asksDown && !envoy->down && !envoy->closed && !envoy->inSocket && envoy->unread && envoy->limit == 65536);
  return envoy->down = envoy->socketDown;
}
bool CALLBACK(network_filter_start_upstream_secure_transport)(void *at) {
  struct envoy *envoy = at;
  RULE(envoy->asksUp && !envoy->up && !envoy->closed);
  return envoy->up = envoy->socketUp;
}
uint32_t CALLBACK(network_filter_get_buffer_limit)(void *at) { return ((struct envoy *)at)->limit; }
void CALLBACK(network_filter_set_buffer_limits)(void *at, uint32_t bytes) { ((struct envoy *)at)->limit = bytes; }
int CALLBACK(network_filter_read_disable)(void *at, bool disable) {
  struct envoy *envoy = at;
  RULE(disable ? !envoy->unread : envoy->unread && envoy->down);
  return envoy->unread = disable;
}
void *CALLBACK(network_filter_scheduler_new)(void *at) {
  schedulers++;
  void **scheduler = malloc(sizeof *scheduler);
  *scheduler = at;
  return scheduler;
}
void CALLBACK(network_filter_scheduler_commit)(void *scheduler, uint64_t id) {
  struct envoy *envoy = *(void **)scheduler;
  RULE(id == 0 && ++envoy->scheduled == 1);
}
void CALLBACK(network_filter_scheduler_delete)(void *scheduler) { free(scheduler); schedulers--; }
void CALLBACK(network_filter_close)(void *at, int type) {
  struct envoy *envoy = at;
  RULE(type == 1 && !(envoy->socketDown && envoy->socketUp));
  if (envoy->closed) return;
  envoy->closed = true;
  ON(network_filter_event)(envoy, envoy->self, 1);
}

static void step(struct envoy *envoy, unsigned dice) {
  switch (dice % 8) {
  case 0: envoy->asksDown = true; break;
  case 1: envoy->asksUp = true; break;
  case 2: case 3: RULE(ON(network_filter_write)(envoy, envoy->self, dice % 500, dice % 3 == 0) == 0); break;
  case 4: RULE(ON(network_filter_read)(envoy, envoy->self, dice % 500, false) == 0); break;
  case 5:
    envoy->inSocket = true;
    ON(network_filter_above_write_buffer_high_watermark)(envoy, envoy->self);
    ON(network_filter_below_write_buffer_low_watermark)(envoy, envoy->self);
    envoy->inSocket = false;
    break;
  case 6:
    if (envoy->scheduled == 1 || dice % 5 == 0) ON(network_filter_scheduled)(envoy, envoy->self, 0);
    break;
  default:
    if (dice % 3 == 0) ON(network_filter_event)(envoy, envoy->self, 2 + dice % 2);
    if (dice % 11 == 0 && !envoy->closed) ON(network_filter_event)(envoy, envoy->self, dice % 2), envoy->closed = true;
  }
}

int main(int count, char **words) {
  unsigned seed = count > 1 ? (unsigned)atoi(words[1]) : 1;
  RULE(strcmp(ON(program_init)(), "v0.2.0") == 0);
  const void *config = ON(network_filter_config_new)(&seed, (buffer){"a", 1}, (buffer){"", 0});
  RULE(config != NULL);
  struct envoy open[16] = {0};
  for (int begun = 0; begun < 1000;) {
    seed = seed * 1103515245u + 12345u;
    unsigned dice = seed >> 8;
    struct envoy *envoy = &open[dice % 16];
    if (envoy->self == NULL) {
      bool fits = begun % 4 != 0;
      *envoy = (struct envoy){.limit = 65536, .socketDown = fits, .socketUp = fits};
      envoy->self = (void *)ON(network_filter_new)(config, envoy);
      RULE(ON(network_filter_new_connection)(envoy, envoy->self) == 0 && envoy->announced);
      begun++;
    }
    step(envoy, dice >> 4);
    if ((dice >> 12) % 20 != 0) continue;
    handshakes += envoy->down + envoy->up;
    ON(network_filter_destroy)(envoy->self);
    envoy->self = NULL;
  }
  for (int i = 0; i < 16; i++) if (open[i].self) ON(network_filter_destroy)(open[i].self);
  ON(network_filter_config_scheduled)(NULL, 0);
  ON(network_filter_http_callout_done)(NULL, NULL, 0, 0, NULL, 0, NULL, 0);
  ON(network_filter_config_destroy)(config);
  RULE(schedulers == 0 && errors == 2);
  printf("%d sides began TLS\n", handshakes);
}
`;

const FLAGS = ["-std=c2x", "-g", "-O1", "-Wall", "-Wextra", "-fno-omit-frame-pointer"];
const SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

describe("the switch under sanitizers", () => {
  test("20 seeds of a thousand connections: no fault, no leak, no rule broken", async () => {
    const folder = await temporaryFolder();
    const [program, binary] = [join(folder, "program.c"), join(folder, "program")];
    await writeFile(program, PROGRAM);
    const compiler = process.env["CC"] ?? "cc";
    await run(compiler, [...FLAGS, ...SANITIZERS, "-o", binary, program, switchPaths().source]);
    const env = { ...process.env, ASAN_OPTIONS: "detect_leaks=1:abort_on_error=0" };
    for (let seed = 1; seed <= 20; seed++) {
      const { stdout, stderr } = await run(binary, [String(seed)], { env });
      expect(stderr).toBe("");
      // Enough of them that the rules about it were tried.
      expect(Number(/^(\d+) sides began TLS\n$/.exec(stdout)?.[1])).toBeGreaterThan(50);
    }
  }, 120_000);
});
