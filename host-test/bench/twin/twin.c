/*
 * The limit of the medium: what a filter costs that only keeps step, against the same ABI (proxy-wasm 0.2.1) and in the
 * same Envoy as the filter. It finds lines, verbs, the reply to DATA, the end of data and the octets of BDAT, and counts
 * commands and messages. It judges nothing, holds nothing and edits nothing, so it protects from nothing.
 *
 * With -DEMPTY the callbacks for data do nothing.
 *
 * clang --target=wasm32 -O3 -msimd128 -nostdlib -fno-builtin -Wl,--no-entry -o twin.wasm twin.c
 */
#include <wasm_simd128.h>

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define HOST(name) __attribute__((import_module("env"), import_name(#name))) extern u32 name
#define CALLBACK(name) __attribute__((export_name(#name))) name

HOST(proxy_get_buffer_bytes)(u32 buffer, u32 start, u32 length, u32 *data, u32 *size);
HOST(proxy_define_metric)(u32 kind, const char *name, u32 length, u32 *id);
HOST(proxy_increment_metric)(u32 id, long long by);

enum { DOWNSTREAM = 2, UPSTREAM = 3 };
enum { WINDOW = 65536, SESSIONS = 65536 };
enum { COMMAND, DATA_ASKED, DATA };

struct session {
  u64 payload;  /* octets of BDAT still to come */
  u64 number;   /* of BDAT's argument, while its line is read */
  u32 verb;     /* first four letters of the line, upper case, first letter lowest */
  u32 commands;
  u32 messages;
  u32 code;     /* digits of the reply's line */
  u8 mode;
  u8 column;    /* bytes of the line so far, no more than 5 */
  u8 replyColumn;
  u8 lineStart; /* the data stand at the start of a line, and what of ".CR" stood there */
};

/* Context ids only grow: two live sessions share a slot only beyond 65,536 open ones. */
static struct session sessions[SESSIONS];
static _Alignas(16) u8 window[WINDOW + 16];
static u32 commandsMetric, messagesMetric;

static struct session *find(u32 context) { return &sessions[context & (SESSIONS - 1)]; }

static u32 read(u32 buffer, u32 from, u32 length) {
  u32 data = 0, size = 0;
  if (length > WINDOW) length = WINDOW;
  return proxy_get_buffer_bytes(buffer, from, length, &data, &size) == 0 ? size : 0;
}

/* First LF at or behind `at`; `end` when there is none. */
static u32 findLf(u32 at, u32 end) {
  const v128_t lf = wasm_i8x16_splat('\n');
  for (; at < end; at += 16) {
    u32 mask = wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(window + at), lf));
    if (mask) {
      at += __builtin_ctz(mask);
      return at < end ? at : end;
    }
  }
  return end;
}

static u32 verb(const char *four) { return four[0] | four[1] << 8 | four[2] << 16 | (u32)four[3] << 24; }

/* One line of the client from `at` on; returns where the next one starts. */
static u32 readCommand(struct session *s, u32 at, u32 end) {
  u32 lf = findLf(at, end);
  for (; at < lf && s->column < 5; at++, s->column++) {
    if (s->column < 4) s->verb |= (u32)(window[at] & 0xdf) << (8 * s->column);
  }
  if (s->verb == verb("BDAT")) {
    for (; at < lf && window[at] >= '0' && window[at] <= '9'; at++) s->number = s->number * 10 + window[at] - '0';
  }
  if (lf == end) return end;
  s->commands++;
  if (s->verb == verb("DATA")) {
    s->mode = DATA_ASKED;
  } else if (s->verb == verb("BDAT")) {
    s->payload = s->number;
    s->messages++;
  }
  s->verb = 0;
  s->number = 0;
  s->column = 0;
  return lf + 1;
}

/* Data from `at` on; returns where the command behind its end starts, or `end`. `lineStart`: 1 behind CRLF, 2 ".", 3 ".CR". */
static u32 readData(struct session *s, u32 at, u32 end) {
  const v128_t lf = wasm_i8x16_splat('\n'), dot = wasm_i8x16_splat('.');
  while (at < end) {
    if (s->lineStart) {
      u8 wanted = s->lineStart == 1 ? '.' : s->lineStart == 2 ? '\r' : '\n';
      if (window[at] != wanted) {
        s->lineStart = 0;
        continue;
      }
      at++;
      if (++s->lineStart < 4) continue;
      s->lineStart = 0;
      s->mode = COMMAND;
      s->messages++;
      return at;
    }
    /* LF and a dot behind it: rare enough to be looked at one by one. The byte behind the window is no dot. */
    u32 found = end - 1;
    for (u32 i = at; i < end; i += 16) {
      v128_t first = wasm_i8x16_eq(wasm_v128_load(window + i), lf);
      v128_t second = wasm_i8x16_eq(wasm_v128_load(window + i + 1), dot);
      u32 mask = wasm_i8x16_bitmask(wasm_v128_and(first, second));
      if (mask) {
        u32 hit = i + __builtin_ctz(mask);
        if (hit < found) found = hit;
        break;
      }
    }
    if (window[found] == '\n') s->lineStart = 1;
    at = found + 1;
  }
  return end;
}

void CALLBACK(proxy_abi_version_0_2_1)(void) {}
void CALLBACK(_initialize)(void) {}
void *CALLBACK(malloc)(u32 size) { return size > WINDOW ? 0 : window; }
u32 CALLBACK(proxy_on_vm_start)(u32 root, u32 size) { return 1; }

u32 CALLBACK(proxy_on_configure)(u32 root, u32 size) {
  static const char commands[] = "twin.commands", messages[] = "twin.messages";
  proxy_define_metric(0, commands, sizeof commands - 1, &commandsMetric);
  proxy_define_metric(0, messages, sizeof messages - 1, &messagesMetric);
  return 1;
}

void CALLBACK(proxy_on_context_create)(u32 context, u32 parent) {
  if (parent != 0) *find(context) = (struct session){0};
}

u32 CALLBACK(proxy_on_new_connection)(u32 context) { return 0; }

#ifdef EMPTY
/* What the medium costs by itself: Envoy calls the module and the module does nothing. */
u32 CALLBACK(proxy_on_downstream_data)(u32 context, u32 length, u32 end) { return 0; }
u32 CALLBACK(proxy_on_upstream_data)(u32 context, u32 length, u32 end) { return 0; }
#else
u32 CALLBACK(proxy_on_downstream_data)(u32 context, u32 length, u32 end) {
  struct session *s = find(context);
  for (u32 offset = 0; offset < length;) {
    if (s->payload > 0) {
      u32 skipped = s->payload < length - offset ? (u32)s->payload : length - offset;
      s->payload -= skipped;
      offset += skipped;
      continue;
    }
    u32 size = read(DOWNSTREAM, offset, length - offset);
    if (size == 0) return 0;
    u32 at = 0;
    while (at < size && s->payload == 0) at = s->mode == DATA ? readData(s, at, size) : readCommand(s, at, size);
    offset += at;
  }
  return 0;
}

u32 CALLBACK(proxy_on_upstream_data)(u32 context, u32 length, u32 end) {
  struct session *s = find(context);
  for (u32 offset = 0; offset < length;) {
    u32 size = read(UPSTREAM, offset, length - offset);
    if (size == 0) return 0;
    for (u32 at = 0; at < size; s->replyColumn = 0) {
      u32 lf = findLf(at, size);
      for (; at < lf && s->replyColumn < 3; at++) s->code = s->code << 8 | window[at], s->replyColumn++;
      if (lf == size) break;
      if (s->mode == DATA_ASKED && (s->code & 0xffffff) == ('3' << 16 | '5' << 8 | '4')) {
        s->mode = DATA;
        s->lineStart = 1;
      }
      at = lf + 1;
    }
    offset += size;
  }
  return 0;
}

#endif

void CALLBACK(proxy_on_downstream_connection_close)(u32 context, u32 peer) {
  struct session *s = find(context);
  if (s->commands) proxy_increment_metric(commandsMetric, s->commands);
  if (s->messages) proxy_increment_metric(messagesMetric, s->messages);
  s->commands = s->messages = 0;
}

void CALLBACK(proxy_on_upstream_connection_close)(u32 context, u32 peer) {}
u32 CALLBACK(proxy_on_done)(u32 context) { return 1; }
void CALLBACK(proxy_on_log)(u32 context) {}
void CALLBACK(proxy_on_delete)(u32 context) {}
