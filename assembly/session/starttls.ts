import { log, LogLevel, propertyStart, readProperty, setProperty } from "../envoy/host";
import { Originate, Policy } from "../policy/policy";
import { Fact } from "../smtp/facts";
import { mentions } from "../smtp/scan";
import { Verb } from "../smtp/verb";
import { Session, SessionMode, Tls, statisticsOf } from "./session";
import { abortTransaction } from "./tally";
import { endTransaction } from "./transaction";
import { Counter } from "../telemetry/generated-statistics";

/*
 * TLS that the filter begins. It cannot do so itself: it leaves a property, which Envoy keeps as filter state, and the
 * switch of envoy/starttls, or the Node host, begins TLS as soon as what was written has left in clear.
 */

/** Whether `verb` greets: HELO, EHLO or LHLO. */
export function isHello(verb: Verb): bool {
  return verb == Verb.ehlo || verb == Verb.helo || verb == Verb.lhlo;
}

/** Notes on which sides TLS can begin. A switch that stands after the filter has not said so yet, and could not do it. */
export function findSwitch(s: Session): void {
  s.tls |= Tls.unseen;
  const length = <usize>max(readProperty(SWITCH), 0);
  const sides = propertyStart();
  if (mentions(sides, sides + length, "DOWNSTREAM")) s.tls |= Tls.can_client;
  if (mentions(sides, sides + length, "UPSTREAM")) s.tls |= Tls.can_server;
  if (changetype<Policy>(s.policy).originate == Originate.always) s.tls |= Tls.hello_first;
}

/**
 * Notes, at the client's first bytes and at the first after our 220, whether they came inside TLS, and says once a policy
 * when it asks for more than can be had. Not earlier: Envoy would keep the version of a handshake that is not over.
 */
export function findClientTls(s: Session): void {
  s.tls &= ~(Tls.unseen as u32);
  if (readProperty(CLIENT_TLS) > 0) s.tls |= Tls.client;
  const policy = changetype<Policy>(s.policy);
  const lacksClient = policy.terminate && (s.tls & (Tls.client | Tls.can_client)) == 0;
  const lacksServer = policy.originate != Originate.never && (s.tls & Tls.can_server) == 0;
  const statistics = statisticsOf(s);
  if ((!lacksClient && !lacksServer) || statistics.saidNoSwitch) return;
  statistics.saidNoSwitch = true;
  log(LogLevel.error, changetype<usize>(NO_SWITCH), NO_SWITCH.byteLength);
}

/**
 * Whether the client's bytes come in clear. A policy with "starttls" knows; for another one Envoy is asked once a session,
 * at a command, when the handshake is over.
 */
export function isClientInClear(s: Session): bool {
  if (changetype<Policy>(s.policy).handlesTls) return (s.tls & Tls.client) == 0;
  if ((s.tls & Tls.asked_client) == 0) {
    s.tls |= Tls.asked_client;
    if (readProperty(CLIENT_TLS) <= 0) s.tls |= Tls.client_in_clear;
  }
  return (s.tls & Tls.client_in_clear) != 0;
}

/** Whether the server's reply to the client's greeting may lead to TLS with it. */
export function mayOriginate(s: Session): bool {
  if (changetype<Policy>(s.policy).originate == Originate.never) return false;
  return (s.tls & (Tls.server | Tls.settled)) == 0;
}

/** The 220 to the client's STARTTLS is written: all that was said in clear is forgotten (RFC 3207 4.2). */
export function beginClientTls(s: Session): void {
  setProperty(BEGIN_CLIENT, changetype<usize>(YES), YES.byteLength);
  statisticsOf(s).add(Counter.starttls_terminated);
  statisticsOf(s).add(Counter.starttls_used);
  s.tls =
    (s.tls & ~(Tls.asked as u32)) | Tls.client | Tls.hello_first | Tls.begun | Tls.begun_client | Tls.unseen;
  s.mode = <u8>SessionMode.command;
  s.asked = <u8>Verb.none;
  s.capabilities = 0;
  s.announcedSize = 0;
  s.recipients = 0;
  s.heloLength = 0;
  s.mechanism = 0;
  s.secretMayFollow = false;
  s.facts &= ~FACTS_IN_CLEAR;
  endTransaction(s);
  abortTransaction(s);
}

/** The server answered 220 to our STARTTLS. */
export function beginServerTls(s: Session): void {
  setProperty(BEGIN_SERVER, changetype<usize>(YES), YES.byteLength);
  statisticsOf(s).add(Counter.starttls_originated);
  s.tls |= Tls.server | Tls.settled | Tls.begun | Tls.unseen_server;
}

const FACTS_IN_CLEAR: u32 =
  Fact.helo |
  Fact.offered |
  Fact.lmtp |
  Fact.early_judged |
  Fact.early_hello |
  Fact.before_greeting |
  Fact.cancelled_auth;

const NO_SWITCH: ArrayBuffer = String.UTF8.encode(
  "STARTTLS is neither offered to clients nor asked of the server, because nothing in the filter chain can begin TLS there: " +
    "put envoy.filters.network.dynamic_modules with smtp_starttls before the wasm filter, in Envoy 1.40 or newer, or take " +
    'terminate and originate out of the "starttls" of the policy (envoy/starttls/README.md)',
);
/** Properties of the TLS version of the two sides; nothing where a side is in clear. */
export const CLIENT_TLS: ArrayBuffer = String.UTF8.encode("connection\0tls_version");
export const SERVER_TLS: ArrayBuffer = String.UTF8.encode("upstream\0tls_version");
const SWITCH: ArrayBuffer = String.UTF8.encode("filter_state\0smtp_inspector.starttls_switch");
const BEGIN_CLIENT: ArrayBuffer = String.UTF8.encode("smtp_inspector.starttls_downstream");
const BEGIN_SERVER: ArrayBuffer = String.UTF8.encode("smtp_inspector.starttls_upstream");
const YES: ArrayBuffer = String.UTF8.encode("begin");
