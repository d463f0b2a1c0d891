import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { Worker } from "node:worker_threads";

/** What a certificate is refused with when nobody known vouches for it. */
const unknownAuthority = new Set([
	"DEPTH_ZERO_SELF_SIGNED_CERT",
	"SELF_SIGNED_CERT_IN_CHAIN",
	"UNABLE_TO_GET_ISSUER_CERT",
	"UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
	"UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

export function isUnknownAuthority(error: unknown): boolean {
	return unknownAuthority.has(String((error as { code?: unknown }).code));
}

let withSystem: Promise<SecureContext> | undefined;

/**
 * Trusts the operating system's certificates besides Node's and those of NODE_EXTRA_CA_CERTS: a company's proxy that
 * looks into TLS signs with an authority which administrators install there. Read once in a process, and only when a
 * certificate is refused without them: it takes some systems seconds, so a thread does it.
 */
export function systemTrust(): Promise<SecureContext> {
	withSystem ??= systemCertificates().then((system) =>
		createSecureContext({ ca: [...new Set([...getCACertificates("default"), ...system])] }),
	);
	return withSystem;
}

function systemCertificates(): Promise<readonly string[]> {
	const code =
		'require("node:worker_threads").parentPort.postMessage(require("node:tls").getCACertificates("system"))';
	return new Promise((resolve) => {
		const worker = new Worker(code, { eval: true });
		worker.once("message", resolve);
		// Without them, the certificate stays refused, and the user is told so.
		worker.once("error", () => resolve([]));
		worker.once("exit", () => resolve([]));
	});
}
