import { clientEdits } from "../envoy/edits";
import { Originate, Policy, Require } from "../policy/policy";
import { Outstanding, pushEntry } from "../session/queue";
import { Session, Tls, statisticsOf } from "../session/session";
import { Command } from "../smtp/command";
import { Fact } from "../smtp/facts";
import { Verb } from "../smtp/verb";
import { hasTrait, Trait } from "../smtp/verb-table";
import { endByOwnReply } from "./enforce";
import { OwnReply } from "./wording";
import { Counter } from "../telemetry/generated-statistics";

/** The reply of ours that a command gets by the policy's "starttls"; none where the server is to answer it. */
export function ownReplyTo(s: Session, command: Command): OwnReply {
  const policy = changetype<Policy>(s.policy);
  if (command.verb == Verb.starttls) return replyToStarttls(s, command, policy);
  if (isLeftByRfc3207(command.verb)) return OwnReply.none;
  const clear = (s.tls & Tls.client) == 0;
  if (clear && policy.require == Require.mail) return OwnReply.tls_first;
  if ((s.tls & Tls.hello_first) != 0) return OwnReply.hello_first;
  const asksAuth = command.verb == Verb.auth || command.verb == Verb.x_exps || mayHideAuth(command);
  return clear && asksAuth && policy.require == Require.auth ? OwnReply.auth_needs_tls : OwnReply.none;
}

/** Whether servers differ about how many octets follow, so that for some of them AUTH may stand among these (RFC 3030 2). */
function mayHideAuth(command: Command): bool {
  if (command.verb != Verb.bdat && command.verb != Verb.xexch50) return false;
  return command.size < 0 || command.size > <i64>i32.MAX_VALUE;
}

function replyToStarttls(s: Session, command: Command, policy: Policy): OwnReply {
  if ((s.tls & Tls.client) != 0) return OwnReply.tls_is_on;
  // Where the filter neither ends nor begins TLS, the two sides may do so between them.
  if (!policy.terminate) return policy.originate == Originate.never ? OwnReply.none : OwnReply.no_switch;
  if ((s.tls & Tls.can_client) == 0) return OwnReply.no_switch;
  // The server would not forget who authenticated.
  if ((s.facts & Fact.authenticated) != 0) return OwnReply.after_auth;
  return command.argument < command.argumentEnd ? OwnReply.parameters : OwnReply.go_ahead;
}

/** RFC 3207 4: NOOP, EHLO, STARTTLS and QUIT; and RSET and the other greetings, which do nothing that these do not. */
function isLeftByRfc3207(verb: Verb): bool {
  switch (verb) {
    case Verb.ehlo:
    case Verb.helo:
    case Verb.lhlo:
    case Verb.noop:
    case Verb.rset:
    case Verb.quit:
      return true;
    default:
      return false;
  }
}

/** Keeps `command` from the server and answers it by `reply`; false when that ends the session. */
export function withholdBy(s: Session, command: Command, reply: OwnReply): bool {
  // Octets follow whatever it is answered, so that it cannot be refused alone.
  if (hasTrait(command.verb, Trait.payload)) {
    endByOwnReply(s, OwnReply.ends_payload);
    return false;
  }
  if (reply != OwnReply.go_ahead && <i32>s.rejections >= changetype<Policy>(s.policy).rejectedCommands) {
    endByOwnReply(s, OwnReply.ends_rejections);
    return false;
  }
  clientEdits.drop();
  if (reply != OwnReply.go_ahead) s.rejections++;
  pushEntry(s, Outstanding.own_reply, <u8>reply);
  if (reply == OwnReply.go_ahead) {
    s.asked = <u8>Verb.starttls;
    s.tls |= Tls.asked;
    s.facts &= ~(Fact.early_judged as u32);
  } else if (command.verb == Verb.starttls) {
    statisticsOf(s).add(Counter.starttls_refused);
  }
  return true;
}
