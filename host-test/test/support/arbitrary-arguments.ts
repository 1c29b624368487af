/** Paths and parameters of MAIL and RCPT: as the RFCs have them, at the edges of what they have, and damaged. */
import fc from "fast-check";

const ATEXT = [..."abcXYZ019", ..."!#$%&'*+-/=?^_`{|}~", ".", "${", "S="];
const QTEXT = [..."abcXYZ019", ..."!#$%&'()*+,-./:;<=>?@[]^_`{|}~ ", "\\\\", '\\"', "$(", "\\%"];
const DAMAGE = [...'<>"\\@:,;() ', "x", "|", "${"];

const words = (of: readonly string[], maxLength: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...of), { minLength: 1, maxLength }).map((all) => all.join(""));

const long = fc.integer({ min: 55, max: 75 }).map((length) => "l".repeat(length));
const local = fc.oneof(
  { weight: 4, arbitrary: words(ATEXT, 8) },
  { weight: 2, arbitrary: words(QTEXT, 8).map((text) => `"${text}"`) },
  { weight: 1, arbitrary: fc.tuple(words(ATEXT, 3), words(QTEXT, 3)).map(([a, b]) => `${a}."${b}"`) },
  { weight: 1, arbitrary: fc.tuple(long, words(ATEXT, 2)).map((all) => all.join("")) },
  { weight: 1, arbitrary: fc.constantFrom("Postmaster", "/S=a/C=b/", "/DD.X=a", "/c", "-x", '""') },
);
const domain = fc.oneof(
  fc.constantFrom("x.org", "localhost", "[192.0.2.1]", "[IPv6:2001:db8::1]", "${x}.org", "a-b.example."),
  long.map((text) => `${text}.org`),
);
const route = fc.constantFrom("", "", "", "@r.org:", "@r.org,@s.org:", "@[192.0.2.1]:");

/** A path that is one but for rare liberties. */
export const goodPath: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(route, local, domain).map(([r, l, d]) => `<${r}${l}@${d}>`) },
  { weight: 1, arbitrary: fc.constantFrom("<>", "<Postmaster>") },
);

/** One that is not, mostly: some places of it are left out, doubled or written over. */
export const damagedPath: fc.Arbitrary<string> = fc
  .tuple(
    goodPath,
    fc.array(fc.tuple(fc.nat(80), fc.nat(2), fc.constantFrom(...DAMAGE)), { minLength: 1, maxLength: 3 }),
  )
  .map(([path, damages]) =>
    damages.reduce((text, [place, cut, put]) => {
      const at = place % (text.length + 1);
      return text.slice(0, at) + put + text.slice(at + cut);
    }, path),
  );

const VALUES: Record<string, string[]> = {
  SIZE: ["=1", "=12345678901234567890", "=123456789012345678901", "=", "", "=-1", "=1k"],
  BODY: ["=7BIT", "=8bitmime", "=BINARYMIME", "=8BIT", ""],
  RET: ["=FULL", "=hdrs", "=HDR", ""],
  ENVID: ["=a", "=QQ+2B", "=+3d", "=a+b", "=a=b", "=", `=${"e".repeat(100)}`, `=${"e".repeat(101)}`, "=+2"],
  AUTH: ["=<>", "=a+40b", "=a@b", "=a=b", "=", ""],
  SMTPUTF8: ["", "=", "=1"],
  REQUIRETLS: ["", "=x"],
  PRDR: ["", "=x"],
  XVERP: ["", "=+=", "=+", "=-=+"],
  BY: [
    "=1;N",
    "=-1;n",
    "=1;RT",
    "=0;R",
    "=00;R",
    "=-1;R",
    "=+9;R",
    "=1234567890;N",
    "=1",
    "=;N",
    "=1;",
    "=1;NX",
    "",
  ],
  HOLDFOR: ["=1", "=999999999", "=0", "=01", "=1000000000", ""],
  HOLDUNTIL: [
    "=2026-11-28T04:05:06Z",
    "=2026-11-28t04:05:06.5-01:00",
    "=2026-11-28",
    "=2026-11-28T04:05:06.Z",
    "",
  ],
  "MT-PRIORITY": ["=0", "=9", "=-9", "=-0", "=10", "=+1", ""],
  NOTIFY: ["=NEVER", "=success,FAILURE", "=DELAY", "=NEVER,DELAY", "=DELAY,", "=", ""],
  ORCPT: [
    "=rfc822;a",
    "=rfc822;a+2Bb",
    "=rfc822;a+b",
    "=;a",
    "=a",
    "=rfc822;",
    `=x;${"o".repeat(498)}`,
    `=x;${"o".repeat(499)}`,
  ],
  RRVS: [
    "=2026-11-28T04:05:06Z",
    "=2026-11-28T04:05:06Z;C",
    "=2026-11-28T04:05:06+00:00;r",
    "=2026-11-28T04:05:06Z;X",
    "",
  ],
};

const known = fc
  .constantFrom(...Object.keys(VALUES))
  .chain((keyword) =>
    fc
      .tuple(
        fc.constantFrom(keyword, keyword.toLowerCase()),
        fc.constantFrom(...(VALUES[keyword] as string[])),
      )
      .map((both) => both.join("")),
  );
const unknown = fc
  .array(fc.constantFrom(...'abZ9-=_.+:<>"()'), { minLength: 1, maxLength: 6 })
  .map((all) => all.join(""));

/** Parameters, known or not, right or not. */
export const someParameters: fc.Arbitrary<string[]> = fc.array(
  fc.oneof({ weight: 5, arbitrary: known }, { weight: 1, arbitrary: unknown }),
  { maxLength: 4 },
);
