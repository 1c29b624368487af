/** Names, addresses and first bytes that legitimate clients were seen to use. One character is one byte. */

const latin1 = (text: string): string => Buffer.from(text).toString("latin1");

export const HOSTS = [
  "mail.example.com",
  "smtp-out-12.example.net",
  "[192.0.2.10]",
  "[IPv6:2001:db8::10]",
  "localhost",
  "localhost.localdomain",
  "DESKTOP-1AB2C3D",
  "client-1.xn--bcher-kva.example",
  "ip-10-0-0-1.ec2.internal",
];
export const SENDERS = [
  "",
  "a@example.com",
  "first.last@mail.example.com",
  "o'brien+tag@example.com",
  "bounce-1234-b=example.org@lists.example.net",
  "SRS0=HHH=TT=example.net=alice@example.com",
  "prvs=0123456789=a@example.com",
  "0102018f-1a2b-3c4d-000000@eu-west-1.amazonses.com",
  "no-reply@[192.0.2.10]",
  "a_b.c-d@sub.sub.example.co.uk",
  "#123@example.com",
];
export const RECIPIENTS = [
  "b@example.org",
  "postmaster@example.org",
  "sales+eu@example.org",
  "list-subscribe@lists.example.org",
  '"quoted name"@example.org',
  "first.last@xn--bcher-kva.example",
  `${"l".repeat(64)}@example.org`,
  "B.Upper@EXAMPLE.ORG",
  "user@[192.0.2.25]",
  "role/office@example.org",
  "b&c$d.e@example.org",
];
export const ABROAD = ["δοκιμή@παράδειγμα.example", "用户@例子.example"].map((text) =>
  Buffer.from(text).toString("latin1"),
);
export const HELLO =
  "\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03" + "r".repeat(32) + "\x00\x00\x04\x13\x01\x13\x02\x01\x00";
export const SERVER_HELLO = "\x16\x03\x03\x00\x04\x02\x00\x00\x00";

/** What mail programs call the machine they run on. */
export const OWN_HOSTS = [
  "[192.168.1.5]",
  "[127.0.0.1]",
  "[IPv6:fe80::1]",
  "DESKTOP-1AB2C3D",
  "my_pc",
  "Android-5.local",
  "J\xfcrgens-PC",
  latin1("Jürgens-MacBook-Pro.local"),
];

/** Initial responses of AUTH, such as mail programs send inside TLS. */
export const RESPONSES = [
  "PLAIN AGFsaWNlAHNlY3JldA==",
  `XOAUTH2 ${"dXNlcj1hbGljZQFhdXRoPUJlYXJlciB5".repeat(50)}`,
];
