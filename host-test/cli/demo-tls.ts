/** A certificate for one run of the demo: Node has no way to make one, so the openssl program does. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { UserError } from "./args.js";
import { type ProxyTls, proxyTls } from "./proxy-tls.js";

export interface DemoTls {
  tls: ProxyTls;
  /** The file with the certificate, for clients that verify it. */
  cert: string;
  remove(): Promise<void>;
}

/** Makes a certificate for 127.0.0.1 that is valid for a day. @throws UserError without openssl */
export async function demoTls(): Promise<DemoTls> {
  const folder = await mkdtemp(join(tmpdir(), "smtp-inspector-demo-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  try {
    await promisify(execFile)("openssl", [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1".split(" "),
      ...["-keyout", key, "-out", cert, "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"],
    ]);
    return { tls: proxyTls({ cert, key }, "127.0.0.1"), cert, remove };
  } catch (error) {
    await remove();
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UserError(
      code === "ENOENT"
        ? "--starttls needs the program openssl to make a certificate: apt-get install openssl"
        : `openssl cannot make a certificate: ${message}`,
    );
  }
}

/** The policy, and STARTTLS answered by the filter. @param policy a JSON object's text */
export function terminating(policy: string): string {
  const all = JSON.parse(policy.trim() === "" ? "{}" : policy) as { starttls?: object };
  return JSON.stringify({ ...all, starttls: { ...all.starttls, terminate: true } });
}

/** What to paste to see findings from inside TLS. */
export function tlsInstructions(port: number, cert: string): string {
  const openssl = `openssl s_client -connect 127.0.0.1:${port} -starttls smtp -CAfile ${cert} -quiet -crlf`;
  const swaks = `swaks --server 127.0.0.1:${port} -tls --helo client.example.org --from alice@example.org`;
  return `
Inside TLS: an Exchange command and a recipient without a domain, and a message that arrives.

  (sleep 1; printf 'EHLO client.example.org\\n'; sleep 1; printf 'X-EXPS GSSAPI\\n'; sleep 1; printf 'QUIT\\n'; sleep 1) | ${openssl}
  ${swaks} --to root
  ${swaks} --to bob@example.test --header 'Subject: encrypted'
`;
}
