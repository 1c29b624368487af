/** How `smtp-inspector proxy` speaks TLS: its own certificate towards clients, and how it verifies the server's. */
import { X509Certificate, createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { isIP } from "node:net";
import { connect, createSecureContext, rootCertificates, type SecureContext, TLSSocket } from "node:tls";
import type { Side } from "../host/plugin.js";
import { whyNot } from "../workbench/files.js";
import type { Wrapped } from "./end.js";

/** The sides on which the proxy can start TLS, and with what. */
export interface ProxyTls {
  /** As server, towards clients. */
  client?: OwnCertificate;
  /** As client, towards the mail server. */
  server?: Verification;
}

export interface OwnCertificate {
  cert: Buffer;
  key: Buffer;
  context: SecureContext;
  /** On the listener TLS begins at once, as on port 465, and not with STARTTLS. */
  fromStart: boolean;
}

export interface Verification {
  /** Must be in the server's certificate: a name, or an address. */
  name: string;
  /** The certificates that may have signed it, in PEM. */
  ca: (string | Buffer)[];
}

/** The sides on which the filter can start TLS. */
export const switchedBy = ({ client, server }: ProxyTls): Side[] => [
  ...(client !== undefined && !client.fromStart ? (["client"] as const) : []),
  ...(server !== undefined ? (["server"] as const) : []),
];

/** TLS on a client's socket, the proxy as server. */
export function towardsClient(socket: Socket, { context }: OwnCertificate): Wrapped {
  return { socket: new TLSSocket(socket, { isServer: true, secureContext: context }), done: "secure" };
}

/** TLS on the server's socket, the proxy as client: over only when the certificate is verified. */
export function towardsServer(socket: Socket, { name, ca }: Verification): Wrapped {
  const asked = isIP(name) === 0 ? { servername: name } : {};
  return { socket: connect({ socket, host: name, ca, ...asked }), done: "secureConnect" };
}

/** The options of the command line, without their dashes. */
export interface TlsOptions {
  cert?: string | undefined;
  key?: string | undefined;
  tls?: boolean | undefined;
  "upstream-tls"?: boolean | undefined;
  "upstream-ca"?: string | undefined;
  "upstream-servername"?: string | undefined;
}

/** @param host of the mail server @throws Error that names the option, or the file and what is wrong with it */
export function proxyTls(options: TlsOptions, host: string): ProxyTls {
  const { cert, key, tls = false } = options;
  if (key === undefined && cert !== undefined)
    throw new Error("--cert needs --key FILE: the certificate's private key");
  if (cert === undefined && key !== undefined)
    throw new Error("--key needs --cert FILE: the certificate of this key");
  if (cert === undefined && tls) throw new Error("--tls needs --cert FILE and --key FILE");
  const isUpstream = options["upstream-tls"] ?? false;
  for (const name of ["upstream-ca", "upstream-servername"] as const) {
    if (options[name] !== undefined && !isUpstream) throw new Error(`--${name} needs --upstream-tls`);
  }
  return {
    ...(cert !== undefined && key !== undefined && { client: ownCertificate(cert, key, tls) }),
    ...(isUpstream && { server: verification(options, host) }),
  };
}

function ownCertificate(certFile: string, keyFile: string, fromStart: boolean): OwnCertificate {
  const cert = read("--cert", certFile);
  const key = read("--key", keyFile);
  const certificate = parsed("--cert", certFile, "a certificate in PEM", () => new X509Certificate(cert));
  const privateKey = parsed("--key", keyFile, "a private key in PEM without a password", () =>
    createPrivateKey(key),
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new Error(`--key ${keyFile} is not the key of --cert ${certFile}`);
  }
  return { cert, key, context: createSecureContext({ cert, key }), fromStart };
}

function verification(options: TlsOptions, host: string): Verification {
  const file = options["upstream-ca"];
  const name = options["upstream-servername"] ?? host;
  if (file === undefined) return { name, ca: [...rootCertificates, ...extra()] };
  const ca = read("--upstream-ca", file);
  parsed("--upstream-ca", file, "a certificate in PEM", () => new X509Certificate(ca));
  return { name, ca: [ca] };
}

/** Of the machine: what `SSL_CERT_FILE` names, or where Linux distributions keep their list; Node has one of its own. */
function extra(): Buffer[] {
  for (const path of [
    process.env["SSL_CERT_FILE"],
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/cert.pem",
  ]) {
    try {
      if (path !== undefined) return [readFileSync(path)];
    } catch {
      // The next one, or Node's list alone.
    }
  }
  return [];
}

function read(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`${option} ${file}: ${whyNot(error)}`, { cause: error });
  }
}

function parsed<T>(option: string, file: string, what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(`${option} ${file}: this is not ${what}`, { cause: error });
  }
}
