/**
 * Every page's recipe, read from the page: real Postfix after real Envoy, and a conversation that the profile prevents.
 * Under the recipe it passes, what Postfix refuses is refused in Postfix's words, and a mail in the same session arrives.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { filterModule } from "../../../cli/front.js";
import { lintFile } from "../../../lint/file.js";
import { filterCheck } from "../../../lint/filter-check.js";
import { Postfix } from "../../../peers/postfix.js";
import type { RawClient } from "../../../peers/smtp-client.js";
import { AlteringRelay } from "../../support/altering-relay.js";
import type { Profile } from "../../support/mta-lab.js";
import { PolicyLab, type PolicyRoute } from "../../support/policy-lab.js";
import { addressFor, pages, recipeOf } from "../../support/recipes.js";
import { ARGUMENT_CASES } from "./argument-cases.js";
import { CLIENT_CASES } from "./client-cases.js";
import { MESSAGE_CASES } from "./message-cases.js";
import { OWN_RULE_CASES } from "./own-rule-cases.js";
import { SERVER_CASES } from "./server-cases.js";
import type { RelaxCase, Step } from "./steps.js";
import { VERB_CASES } from "./verb-cases.js";

const TIME = 60_000;
const CASES = [
  ...CLIENT_CASES,
  ...VERB_CASES,
  ...ARGUMENT_CASES,
  ...MESSAGE_CASES,
  ...OWN_RULE_CASES,
  ...SERVER_CASES,
];
const PROFILES: Profile[] = ["recommended", "strict"];
const AFTERWARDS = "Subject: afterwards\r\n\r\nhello\r\n";

let postfix: Postfix;
let lab: PolicyLab;
const relays: AlteringRelay[] = [];

beforeAll(async () => {
  postfix = await Postfix.start({
    settings: {
      smtpd_junk_command_limit: "100000",
      virtual_mailbox_domains: "static:all",
      // The default since 3.9, and in Debian: a bare CR or LF becomes a blank there, too.
      cleanup_replace_stray_cr_lf: "no",
      smtpd_recipient_restrictions:
        "check_recipient_access inline:{{refused@example.test = REJECT}}, permit_mynetworks",
    },
  });
  const routes: PolicyRoute[] = [];
  for (const each of CASES) {
    let upstream = postfix.port;
    if (each.altered !== undefined) {
      const relay = await AlteringRelay.start(postfix.port, each.altered);
      relays.push(relay);
      upstream = relay.port;
    }
    for (const profile of PROFILES) {
      routes.push({ name: `${each.id} ${profile}`, upstream, policy: base(profile, each) });
      routes.push({ name: `${each.id} ${profile} relaxed`, upstream, policy: relaxed(profile, each) });
    }
  }
  lab = await PolicyLab.start(routes);
}, TIME);

afterAll(async () => {
  await lab?.stop();
  for (const relay of relays) await relay.stop();
  await postfix?.stop();
}, TIME);

beforeEach(() => postfix.clear());

const base = (profile: Profile, { also = {}, limits = {}, rules = {} }: RelaxCase): object => ({
  ...{ stat_prefix: "relax", profile, limits, ...rules },
  protections: also,
});

function relaxed(profile: Profile, { id, also, limits = {} }: RelaxCase): object {
  const recipe = recipeOf(id);
  return {
    stat_prefix: "relax",
    limits,
    ...recipe,
    profile,
    protections: { ...also, ...recipe.protections },
  };
}

/**
 * What `smtp-inspector lint` warns of, but for one thing: that who uses STARTTLS bypasses what `recommended` does not
 * prevent and the recipe does.
 */
function complaints(policy: object): string[] {
  const { problems } = lintFile(Buffer.from(JSON.stringify(policy)), filterCheck(filterModule()));
  const warnings = problems.filter(({ level }) => level !== "note").map(({ what }) => what);
  return warnings.filter((what) => !what.startsWith("STARTTLS is allowed "));
}

/** Says one step; the codes of the replies, as many as are expected or as come before the connection ends. */
async function say(client: RawClient, said: string, count: number): Promise<string> {
  client.send(said);
  const codes: string[] = [];
  while (codes.length < count) {
    const reply = await client.reply().catch((error: unknown) => {
      if (String(error).includes("closed; received")) return null;
      throw error;
    });
    if (reply === null) break;
    codes.push(reply.slice(0, 3));
  }
  return codes.join(" ");
}

async function sayAll(client: RawClient, steps: Step[]): Promise<void> {
  for (const [said, codes] of steps) expect(await say(client, said, codes.split(" ").length)).toBe(codes);
}

/** An ordinary mail after whatever was said. */
const MAIL_AFTERWARDS: Step[] = [
  ["RSET\r\n", "250"],
  ["EHLO client.example.org\r\n", "250"],
  ["MAIL FROM:<alice@example.org>\r\nRCPT TO:<zoe@example.test>\r\nDATA\r\n", "250 250 354"],
  [`${AFTERWARDS}.\r\n`, "250"],
  ["QUIT\r\n", "221"],
];

async function connect(name: string, id: string): Promise<RawClient> {
  const client = await lab.connect(name, addressFor(recipeOf(id)));
  onTestFinished(() => client.destroy());
  return client;
}

async function delivered(contents: (string | undefined)[]): Promise<void> {
  const expected = contents.filter((content) => content !== undefined);
  const copies = await postfix.delivered(expected.length);
  expect(copies.map((copy) => copy.content).sort()).toEqual(expected.sort());
}

test("every page is here", () => {
  // Whose bytes come before the greeting: only postscreen.test.ts can have them in time.
  // Only a policy that originates TLS has starttls_unavailable: starttls-egress-refused.test.ts plays that.
  // Those that count ask for no more than a higher limit, which their pages' cases play, and source_abuse for several sessions.
  const counting = [
    "auth_failures",
    "junk_command_flood",
    "recipient_harvest",
    "source_abuse",
    "too_many_errors",
  ];
  const elsewhere = ["client_talks_first", "starttls_unavailable", ...counting];
  expect([...CASES.map((each) => each.id), ...elsewhere].sort()).toEqual(pages);
});

describe.each(CASES)("$id", (each) => {
  const { id, steps, refusal, content, last } = each;

  const pass = async (route: string): Promise<void> => {
    const client = await connect(route, id);
    await sayAll(client, steps);
    if (last !== true) await sayAll(client, MAIL_AFTERWARDS);
    client.destroy();
    await delivered([content?.relaxed, last === true ? undefined : AFTERWARDS]);
  };

  describe.each(PROFILES)("%s", (profile) => {
    test("the recipe is a policy without complaint", () => {
      expect(complaints(recipeOf(id))).toEqual([]);
      expect(complaints(relaxed(profile, each))).toEqual([]);
    });

    const prevented = (each.prevented ?? PROFILES).includes(profile);
    if (!prevented) {
      test("it passes without the recipe, too", { timeout: TIME }, async () => {
        await pass(`${id} ${profile}`);
      });
    } else
      test("it is prevented", { timeout: TIME }, async () => {
        const route = `${id} ${profile}`;
        const client = await connect(route, id);
        await sayAll(client, steps.slice(0, -1));
        const [said] = steps.at(-1) as Step;
        expect(await say(client, said, refusal === "" ? 1 : refusal.split(" ").length)).toBe(refusal);
        client.destroy();
        const found = await lab.findings(route, addressFor(recipeOf(id)));
        expect(found).toContainEqual(expect.stringMatching(`^${id} \\w+ (?:reject|terminate|normalize)$`));
        await delivered([content?.prevented]);
      });

    test("under the recipe it passes, and so does what follows", { timeout: TIME }, async () => {
      await pass(`${id} ${profile} relaxed`);
    });
  });
});
