/** The HTML of sessions: what is in it, and what never is. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { replay } from "../../cli/replay.js";
import { emptyReport, type Finding } from "../../workbench/model.js";
import { documentOf, htmlOf, reportOn, START } from "../support/reports.js";
import { runCommand } from "../support/run-command.js";

const FINDING: Finding = {
  protection: "p",
  reason: "r",
  mode: "detect",
  action: "detect",
  phase: "",
  verb: "",
  reply: "",
  side: "client",
  from: 0,
  to: 1,
};

let folder = "";
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "html-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe("a document", () => {
  test("markup from the wire, a title, a file's name and a policy's are text in it", async () => {
    const evil = "<script>alert(1)</script><img src=x onerror=alert(1)>";
    const lines = [
      `S: 220 ${evil}\nC: EHLO ${evil}\nS: 250 mx\nC: MAIL FROM:<a@x.org>\nS: 250 a`,
      `C: RCPT TO:<b@x.org>\nS: 250 b\nC: DATA\nS: 354 go\nC: ${evil}\nC: .\nS: 250 queued`,
    ].join("\n");
    const report = reportOn(lines, '{"profile":"monitor"}', evil);
    report.client = report.server = evil;
    report.closed = report.incomplete = evil;
    const html = documentOf(evil, { path: evil, reports: [report], summary: evil, problem: evil });
    expect(html.match(/<(?:script|img)/g)).toBe(null);
    const shown = html.split("&lt;script>alert(1)&lt;/script>&lt;img src=x onerror=alert(1)>").length - 1;
    expect(shown).toBeGreaterThan(15);
  });

  test("it needs nothing else, runs nothing, and allows its own style only", async () => {
    const { out, code, err } = await runCommand(replay, ["host-test/vectors/exchange_command.md", "--html"]);
    expect([code, err]).toEqual([1, ""]);
    expect(out.startsWith('<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8"/>')).toBe(true);
    expect(out.endsWith("</html>\n")).toBe(true);
    const style = /<style>([\s\S]*?)<\/style>/.exec(out)?.[1] ?? "";
    expect(style).toContain(".session-verdict");
    const hash = createHash("sha256").update(style).digest("base64");
    const allowed = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
    expect(out).toContain(`http-equiv="Content-Security-Policy" content="${allowed}"`);
    expect(out.match(/<script| (?:src|style|on\w+)=|url\(|@import|https?:\/\//)).toBe(null);
  });

  test("files and sessions stand in the order of the command, a damaged file says what is wrong with it", async () => {
    const one = file(
      "one.md",
      "# One\n\n```smtp\nS: 220 one\nC: XADR\n```\n\n# Two\n\n```smtp\nS: 220 two\n```\n",
    );
    const broken = file("<broken>.pcap", Uint8Array.of(0xd4, 0xc3, 0xb2, 0xa1, 1));
    const { out, code, err } = await runCommand(replay, [one, broken, "--html"]);
    expect(code).toBe(2);
    expect(err).toContain("<broken>.pcap: ");
    const read = out.replace(/<style>.*<\/style>/s, "");
    const pieces = read.match(/<h[1-3][^>]*>.*?<\/h|class="session-problem">.*?<|<td><a .*?<\/a>/g) ?? [];
    expect(pieces.map((piece) => piece.replace(/<[^>]*>|<\/h$|<$/g, ""))).toEqual([
      "SMTP sessions",
      one,
      "Session 0: One",
      "Session 1: Two",
      broken.replaceAll("<", "&lt;"),
      'class="session-problem">file header at byte 0: the file ends after 5 of 24 bytes',
      "Summary",
      "Session 0: One",
      "Session 1: Two",
      'class="session-problem">file header at byte 0: the file ends after 5 of 24 bytes',
    ]);
    expect(read.match(/ id="session-\d"| href="[^"]*"/g)).toEqual([
      ' href="#summary"',
      ' id="session-1"',
      ' id="session-2"',
      ' href="#session-1"',
      ' href="#session-2"',
    ]);
    expect(read).toContain("<p>2 sessions; 1 with findings</p>");
  });

  test("--json and --html are not for one output", async () => {
    await expect(runCommand(replay, ["host-test/vectors", "--json", "--html"])).rejects.toThrow(
      "--json and --html cannot be combined: give one of them",
    );
  });

  test("a session of 20,000 lines shows the first 500, a summary of more than 2,000 sessions the first", () => {
    const long = reportOn(`S: 220 mx\n${"C: NOOP\nS: 250 ok\n".repeat(10_000)}`.trimEnd());
    expect(long.turns.length + long.turnsLeftOut).toBe(20_001);
    const html = htmlOf(long);
    expect(html.match(/<li class="session-turn /g)?.length).toBe(500);
    expect(html).toContain('<li class="session-note">… 19501 more lines are not shown</li>');
    // A finding far after is shown with its neighbours, and what lies between is counted.
    const turns = long.turns.map((turn, index) => (index === 1000 ? { ...turn, findings: [FINDING] } : turn));
    const found = htmlOf({ ...long, turns }).replace(/<details.*?<\/details>/gs, "");
    expect(found.match(/<li class="session-turn /g)?.length).toBe(507);
    expect(found.match(/… \d+ more lines/g)).toEqual(["… 497 more lines", "… 18997 more lines"]);
    expect(found.split("… 497 more lines")[1]).toContain("<strong>p/<wbr/>r</strong>");
    // But never more than twice as many.
    const all = long.turns.map((turn) => ({ ...turn, findings: [FINDING] }));
    expect(htmlOf({ ...long, turns: all }).match(/<li class="session-turn /g)?.length).toBe(1000);
    const reports = Array.from({ length: 2003 }, (_, id) => emptyReport({ ...START, id }));
    const many = documentOf("monitor", { path: "many", reports, summary: "", problem: null });
    expect(many.match(/<article/g)?.length).toBe(2003);
    expect(many.match(/<td><a /g)?.length).toBe(2000);
    expect(many).toContain("<p>… 3 more sessions are not in this table</p>");
  });
});

describe("a turn", () => {
  test("its bytes are there in hex, those of findings marked in it and in the line", () => {
    const html = htmlOf(reportOn("S: 220 mx\nC: XADR\nS: 500 what"));
    const found = '<mark title="private_command/private_verb">';
    expect(html).toContain(
      `<span class="session-mark" aria-hidden="true">C:</span> ${found}XADR</mark></code>`,
    );
    expect(html).toContain(
      `000000  ${found}58 41 44 52 0d 0a</mark>                                ${found}XADR..</mark>\n`,
    );
    expect(html).toContain("000000  35 30 30 20 77 68 61 74 0d 0a                    500 what..\n");
  });

  test("a finding further into the data than what is shown has its bytes below it", () => {
    const lead = "C: 0123456789\n".repeat(200);
    const mail = "C: MAIL FROM:<a@x.org>\nS: 250 a\nC: RCPT TO:<b@x.org>\nS: 250 b\nC: DATA\nS: 354 go";
    const html = htmlOf(
      reportOn(`S: 220 mx\nC: EHLO a\nS: 250 mx\n${mail}\n${lead}C: bad\\0byte\nC: .\nS: 250 queued`),
    );
    const found = '<mark title="nul_in_data/nul">';
    expect(html).toContain(
      "<strong>nul_<wbr/>in_<wbr/>data/<wbr/>nul</strong>: detected, at byte 2403 of it</span>",
    );
    expect(html).toContain(
      `<code class="session-line session-excerpt">… 789\\r\\n0123456789\\r\\n0123456789\\r\\nbad${found}\\0</mark>byte\\r\\n.\\r\\n</code>`,
    );
    // The start, and the rows around the finding.
    expect(html).toContain(
      `0003f0  30 31 32 33 34 35 36 37 38 39 0d 0a 30 31 32 33  0123456789..0123\n…\n000940  `,
    );
    expect(html).toContain(
      `000960  62 61 64 ${found}00</mark> 62 79 74 65 0d 0a 2e 0d 0a           bad${found}.</mark>byte.....\n`,
    );
  });

  test("findings that overlap are marked each where it lies", () => {
    const report = reportOn("S: 220 mx\nC: XADR a\nS: 500 what");
    const [turn] = report.turns.filter(({ from }) => from === "client");
    const [whole] = turn?.findings ?? [];
    if (turn === undefined || whole === undefined) throw new Error("nothing was found");
    turn.findings = [
      { ...whole, from: 0, to: 4, protection: "p", reason: "one" },
      { ...whole, from: 2, to: 6, protection: "p", reason: "two" },
    ];
    expect(htmlOf(report)).toContain(
      '</span> <mark title="p/one">XA</mark><mark title="p/one, p/two">DR</mark><mark title="p/two"> a</mark></code>',
    );
  });
});
