/** What a session asks of the host beside its buffers: a policy without "starttls" reads no property before the end. */
import { afterAll, expect, test } from "vitest";
import { Plugin } from "../../host/plugin.js";
import { wasmModule } from "../support/vector-node.js";

const calls: string[] = [];
const { Instance } = WebAssembly;

/** Notes each call of the module to the host by name; the shipped bytes and the host stay as they are. */
class TracedInstance extends Instance {
  constructor(module: WebAssembly.Module, imports: WebAssembly.Imports = {}) {
    super(module, { ...imports, env: traced(imports["env"] ?? {}) });
  }
}

function traced(env: WebAssembly.ModuleImports): WebAssembly.ModuleImports {
  const entries = Object.entries(env).map(([name, call]) => {
    if (typeof call !== "function") return [name, call];
    return [name, (...args: unknown[]): unknown => (calls.push(name), call(...args))];
  });
  return Object.fromEntries(entries) as WebAssembly.ModuleImports;
}

WebAssembly.Instance = TracedInstance as typeof Instance;
afterAll(() => {
  WebAssembly.Instance = Instance;
});

/** Properties that a record has: the start, the number of the connection, the two addresses, whether it is encrypted. */
const RECORD = 5;

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

const MAIL: readonly (readonly ["client" | "server", string])[] = [
  ["server", "220 mx.example ESMTP\r\n"],
  ["client", "EHLO a.example\r\n"],
  ["server", "250-mx.example\r\n250 SIZE 1000\r\n"],
  ["client", "MAIL FROM:<a@x.org>\r\n"],
  ["server", "250 2.1.0 ok\r\n"],
  ["client", "RCPT TO:<b@x.org>\r\n"],
  ["server", "250 2.1.5 ok\r\n"],
  ["client", "DATA\r\n"],
  ["server", "354 go\r\n"],
  ["client", "hello\r\n.\r\n"],
  ["server", "250 2.0.0 queued\r\n"],
  ["client", "QUIT\r\n"],
  ["server", "221 2.0.0 bye\r\n"],
];

/** How often each call was made in a whole session, set-up of the policy not counted. */
function played(policy: string, said = MAIL): Record<string, number> {
  const plugin = Plugin.load(wasmModule(), { configuration: policy });
  calls.length = 0;
  const connection = plugin.connect();
  for (const [side, text] of said) {
    if (side === "client") connection.fromClient(bytes(text));
    else connection.fromServer(bytes(text));
  }
  connection.fromClient(new Uint8Array(0), true);
  connection.fromServer(new Uint8Array(0), true);
  const counts: Record<string, number> = {};
  for (const name of calls) counts[name] = (counts[name] ?? 0) + 1;
  plugin.shutdown();
  return counts;
}

test.each(["recommended", "submission"])(
  "a mail under %s asks for its bytes, and for its record at the end",
  (profile) => {
    expect(played(`{"profile":"${profile}"}`)).toEqual(PLAIN);
  },
);

test.each(["monitor", "strict"])("a mail under %s has its source looked up once", (profile) => {
  const look = { proxy_get_property: 1 + RECORD, proxy_get_shared_data: 1 };
  expect(played(`{"profile":"${profile}"}`)).toEqual({
    ...PLAIN,
    ...look,
    proxy_get_current_time_nanoseconds: PLAIN.proxy_get_current_time_nanoseconds + 1,
  });
});

test("where connections are counted the look is a write, too", () => {
  const counts = played('{"protections":{"source_abuse":{"mode":"prevent","connections":100}}}');
  expect([counts["proxy_get_shared_data"], counts["proxy_set_shared_data"]]).toEqual([1, 1]);
});

test("with starttls the switch is looked for once, and TLS once", () => {
  const { proxy_get_property: properties } = played('{"starttls":{"terminate":true}}');
  // In clear: the record does not ask again.
  expect(properties).toBe(2 + RECORD - 1);
});

const AUTHENTICATED: typeof MAIL = [
  ...MAIL.slice(0, 3),
  ["client", "AUTH PLAIN AGNhcm9sAHRvcHNlY3JldA==\r\n"],
  ["server", "535 5.7.8 no\r\n"],
  ["client", "AUTH LOGIN\r\n"],
  ["server", "535 5.7.8 no\r\n"],
  ["client", "AUTH CRAM-MD5\r\n"],
  ["server", "535 5.7.8 no\r\n"],
];

test.each([
  // Each event, of which there are two, asks for the number of the connection and the two addresses; the record the same.
  [
    '{"profile":"monitor","protections":{"unannounced_extension":"off","source_abuse":"off"}}',
    2 * 3 + RECORD,
  ],
  // Without events only that.
  [
    '{"profile":"monitor","protections":{"unannounced_extension":"off","source_abuse":"off"},"events":{"max_per_second":0}}',
    RECORD,
  ],
  ['{"profile":"recommended","protections":{"unannounced_extension":"off","source_abuse":"off"}}', RECORD],
])("AUTH with a password under %s asks once whether it is encrypted", (policy, expected) => {
  expect(played(policy, AUTHENTICATED).proxy_get_property ?? 0).toBe(expected);
});

test("a policy that names trusted sources asks once for the client's address", () => {
  expect(played('{"trusted_sources":["203.0.113.0/24"]}').proxy_get_property).toBe(1 + RECORD);
  expect(
    played('{"trusted_sources":["192.0.2.0/24"],"shadow":{"trusted_sources":["::/0"]}}').proxy_get_property,
  ).toBe(1 + RECORD);
});

const PLAIN = {
  proxy_get_buffer_bytes: 13,
  proxy_get_property: RECORD,
  // When the connection comes, and at its end: how long it took.
  proxy_get_current_time_nanoseconds: 2,
  proxy_increment_metric: 5,
  proxy_set_property: 1,
};
