import { CATALOGUE } from "../protections/catalogue";

/** The lines that the filter itself says. They name the protection and nothing that either side sent. */
export const NOOP: ArrayBuffer = String.UTF8.encode("NOOP\r\n");
export const QUIT: ArrayBuffer = String.UTF8.encode("QUIT\r\n");

/** By protection: the reply to a command that was kept from the server. */
export const REJECTIONS: ArrayBuffer[] = [];
/** The reply that ends a session. */
export const TERMINATIONS: ArrayBuffer[] = [];
/** The reply that takes the place of a greeting. */
export const GREETINGS: ArrayBuffer[] = [];

for (let i = 0; i < CATALOGUE.length; i++) {
  const id = CATALOGUE[i].id;
  REJECTIONS.push(String.UTF8.encode(`${CATALOGUE[i].reply} ${id}: rejected by policy\r\n`));
  TERMINATIONS.push(String.UTF8.encode(`421 4.7.0 ${id}: connection closed by policy\r\n`));
  GREETINGS.push(String.UTF8.encode(`554 5.3.2 ${id}: no SMTP service here\r\n`));
}
