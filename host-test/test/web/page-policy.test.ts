/** The page in Chromium: policies that are edited, refused, helped with and compared. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { browserPath } from "../support/browser.js";
import { drop, PageLab, saved, settled } from "../support/page.js";
import { bytes, HELLO, lines, policy, sessions } from "./inputs.js";

describe.skipIf(browserPath() === null)("policies", () => {
  let lab: PageLab;
  beforeAll(async () => {
    lab = await PageLab.start();
  });
  afterAll(() => lab.stop());

  test("a policy that is edited judges at once", async () => {
    const page = await lab.open();
    await policy(page).fill('{ "profile": "monitor" }');
    await page.locator(".session-verdict").filter({ hasText: "detected" }).waitFor();
    expect((await lines(page))[4]).toBe("C: XEXCH50 1024 2");
    await page.getByLabel("Profile of the policy").selectOption("strict");
    expect(await policy(page).inputValue()).toBe('{\n  "profile": "strict"\n}\n');
    await page.locator(".session-verdict").filter({ hasText: "prevented" }).waitFor();
  });

  test("a policy that the filter refuses leaves the old one judging, and the page says so", async () => {
    const page = await lab.open();
    await policy(page).fill('{\n  "protections": { "private_comand": "off" }\n}');
    const problem = page.locator("#policy-problems li.problem-error");
    await problem.waitFor();
    expect(await problem.innerText()).toBe(
      'Line 2, column 20\ngo there\nerror: $.protections.private_comand: unknown protection – did you mean "private_command"?',
    );
    expect(await page.locator("#policy-verdict").innerText()).toBe(
      "Invalid. The previous policy stays in force, as in Envoy.",
    );
    await page
      .getByLabel("Both sides of a dialogue, line by line")
      .fill("S: 220 mx.example\nC: XADR\nS: 250 ok\n");
    await page.getByText("private_command/private_verb").waitFor();
    await problem.getByRole("button").click();
    expect(await policy(page).evaluate((editor: HTMLTextAreaElement) => editor.selectionStart)).toBe(21);
    await policy(page).fill('{\n  "protections": { "private_command": "off" }\n}');
    await settled(page, "1 session, 0 with findings");
    expect(await page.locator("#policy-verdict").innerText()).toBe("Valid, 1 note.");
    expect(await problem.count()).toBe(0);
    expect(await page.locator("#policy-problems li").innerText()).toMatch(
      /^Line 1, column 1\ngo there\nnote: STARTTLS is allowed/,
    );
  });

  test("a policy from a file, chosen or dropped", async () => {
    const page = await lab.open();
    const monitor = { name: "policy.json", bytes: bytes('{"profile":"monitor"}') };
    await drop(page, [monitor], "#policy");
    await page.locator(".session-verdict").filter({ hasText: "detected" }).waitFor();
    await page.getByLabel("Open a file as the policy").setInputFiles({
      name: "strict.json",
      mimeType: "application/json",
      buffer: Buffer.from('{"profile":"strict"}'),
    });
    await page.locator(".session-verdict").filter({ hasText: "prevented" }).waitFor();
    expect(await policy(page).inputValue()).toBe('{"profile":"strict"}');
    await policy(page).press("End");
    await policy(page).press("Enter");
    const save = page.getByRole("button", { name: "Save the policy" });
    expect(await saved(page, () => save.click())).toEqual({
      name: "policy.json",
      text: '{"profile":"strict"}\n',
    });
  });

  test("a policy's file that cannot be read, or is none, leaves the policy and says so", async () => {
    const page = await lab.open();
    const before = await policy(page).inputValue();
    await drop(page, [{ name: "big.json", bytes: new Uint8Array(2_000_000) }], "#policy");
    await settled(page, "big.json is too large to be a policy");
    // What browsers do for a folder, or for a file that went away since it was chosen.
    await page.evaluate(() => {
      File.prototype.text = () => Promise.reject(new DOMException("", "NotFoundError"));
    });
    await drop(page, [{ name: "gone.json", bytes: bytes("{}") }], "#policy");
    await settled(page, "gone.json cannot be read; choose it again");
    expect(await policy(page).inputValue()).toBe(before);
  });

  test("the schema's help follows the cursor, and writes", async () => {
    const page = await lab.open();
    await policy(page).fill("");
    await policy(page).pressSequentially('{ "protections": { "exch');
    const help = page.getByRole("group", { name: "Help at the cursor" });
    const options = help.getByRole("option");
    expect(await options.allInnerTexts()).toEqual([
      "exchange_command A verb that only two Microsoft Exchange servers have use for",
      "auth_exchange_violation A line inside an AUTH exchange is not a response, or the exchange does not end",
    ]);
    await page.keyboard.press("Control+Space");
    await page.keyboard.press("Enter");
    await page.keyboard.type(" }}");
    expect(await policy(page).inputValue()).toBe('{ "protections": { "exchange_command": "prevent" }}');
    for (let back = 0; back < 5; back++) await page.keyboard.press("ArrowLeft");
    await help.getByText("protections.exchange_command").waitFor();
    await page.keyboard.press("Control+Space");
    await page.keyboard.press("Home");
    await page.keyboard.press("Enter");
    expect(await policy(page).inputValue()).toBe('{ "protections": { "exchange_command": "off" }}');
    await page.getByText("exchange_command/exchange_verb").waitFor({ state: "detached" });
  });

  test("two policies beside each other", async () => {
    const page = await lab.open();
    await drop(page, [{ name: "hello.md", bytes: bytes(HELLO) }]);
    await settled(page, "2 sessions, 1 with findings");
    await policy(page).fill('{ "profile": "monitor" }');
    await page.getByRole("button", { name: "Compare with a second policy" }).click();
    await settled(page, "2 sessions, 1 with findings, 1 changed by the second policy");
    expect(await sessions(page).allInnerTexts()).toEqual([
      "Session 0 One\ndetected\n→ prevented\n192.0.2.10:40000 → 192.0.2.25:25, 1 → 1 findings\n" +
        "the server gets 6 different bytes; the client gets 69 bytes instead of 30",
      "Session 1 Two\nclean\n→ clean\n192.0.2.10:40000 → 192.0.2.25:25",
    ]);
    await page.getByLabel("Show").selectOption("those that change");
    expect(await sessions(page).count()).toBe(1);
    expect(await page.locator(".change").innerText()).toMatch(
      /; private_command\/private_verb: detected → prevented \(reject\), 502 5\.5\.1 to the client$/,
    );
    const [first, second] = [
      page.getByRole("group", { name: "Under the policy", exact: true }),
      page.getByRole("group", { name: "Under the second policy" }),
    ];
    expect((await first.locator(".session-turns code").allInnerTexts())[1]).toBe("C: XADR");
    expect((await second.locator(".session-turns code").allInnerTexts())[1]).toBe("C> XADR");
    await page
      .getByLabel("Second policy as JSON")
      .fill('{ "profile": "monitor", "events": { "excerpt": "none" } }');
    await settled(page, "0 changed by the second policy");
    await page.getByRole("button", { name: "Close the second policy" }).click();
    await settled(page, /^2 sessions, 1 with findings$/);
    expect(await page.locator(".session").count()).toBe(1);
  });
});
