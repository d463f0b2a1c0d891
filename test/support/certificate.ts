import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";

export interface Certificate {
	/** PEM */
	readonly cert: string;
	/** PEM */
	readonly key: string;
}

export interface Authority extends Certificate {
	readonly name: string;
	readonly privateKey: KeyObject;
}

export interface CertificateOptions {
	/** Names and IPv4 addresses the certificate is for. */
	readonly names: readonly string[];
	/** Who signs it; self-signed when absent. */
	readonly authority?: Authority;
	readonly from?: Date;
	readonly to?: Date;
}

const day = 86_400_000;
const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));

/** An X.509 certificate (RFC 5280) on P-256, for servers of the tests: Node can read them, and makes none. */
export function makeCertificate({ names, authority, from, to }: CertificateOptions): Certificate {
	const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
	const subject = names[0] ?? "test";
	const alternatives = names.map((name) =>
		isIPv4(name)
			? tagged(0x87, Buffer.from(name.split(".").map(Number)))
			: tagged(0x82, Buffer.from(name, "ascii")),
	);
	const extensions = [extension("551d11", sequence(...alternatives))];
	const issuer = authority ?? { name: subject, privateKey };
	const cert = signed({ issuer, subject, publicKey, extensions, from, to });
	return { cert, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

/** Who vouches for certificates. */
export function makeAuthority(name: string): Authority {
	const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
	const isAuthority = extension("551d13", sequence(tagged(0x01, Buffer.from([0xff]))));
	const cert = signed({
		issuer: { name, privateKey },
		subject: name,
		publicKey,
		extensions: [isAuthority],
		from: undefined,
		to: undefined,
	});
	return { name, privateKey, cert, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

function signed({
	issuer,
	subject,
	publicKey,
	extensions,
	from = new Date(Date.now() - day),
	to = new Date(Date.now() + day),
}: {
	readonly issuer: { readonly name: string; readonly privateKey: KeyObject };
	readonly subject: string;
	readonly publicKey: KeyObject;
	readonly extensions: readonly Buffer[];
	readonly from: Date | undefined;
	readonly to: Date | undefined;
}): string {
	const body = sequence(
		tagged(0xa0, tagged(0x02, Buffer.from([2]))),
		tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
		ecdsaWithSha256,
		nameOf(issuer.name),
		sequence(time(from), time(to)),
		nameOf(subject),
		publicKey.export({ type: "spki", format: "der" }),
		tagged(0xa3, sequence(...extensions)),
	);
	const signature = sign("sha256", body, issuer.privateKey);
	const der = sequence(body, ecdsaWithSha256, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
	const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
	return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

/** DER: tag, length, content (X.690 §8.1). */
function tagged(tag: number, content: Buffer): Buffer {
	const { length } = content;
	const size =
		length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
	return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
	return tagged(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
	return tagged(0x06, Buffer.from(hex, "hex"));
}

function nameOf(common: string): Buffer {
	return sequence(tagged(0x31, sequence(oid("550403"), tagged(0x0c, Buffer.from(common)))));
}

function time(date: Date): Buffer {
	const digits = date
		.toISOString()
		.replace(/[-:T]|\.\d+/g, "")
		.slice(2);
	return tagged(0x17, Buffer.from(digits, "ascii"));
}

function extension(id: string, value: Buffer): Buffer {
	return sequence(oid(id), tagged(0x04, value));
}
